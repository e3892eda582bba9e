namespace Sfu.Recorder.Derivation;

/// <summary>Who speaks: the loudest of the last half second, kept for two seconds at least, so that a cough changes nothing.</summary>
internal sealed class SpeakerChoice
{
    private const long Hold = 2_000_000_000;
    private const float Decay = 0.98f;                 // per 10 ms: half a second
    private const float Audible = 1e-5f;               // mean square: -50 dBFS
    private readonly Dictionary<CompositeSeat, float> _levels = [];
    private long _since = long.MinValue / 2;

    /// <summary>Who speaks or spoke last; null before anybody did.</summary>
    public CompositeSeat? Current { get; private set; }

    /// <summary>Takes the level of 10 ms.</summary>
    /// <param name="seat">Whose.</param>
    /// <param name="power">Mean square of the samples.</param>
    public void Hear(CompositeSeat seat, float power) => _levels[seat] = _levels.GetValueOrDefault(seat) * Decay + power * (1 - Decay);

    /// <summary>Decides anew.</summary>
    public void Decide(long at)
    {
        CompositeSeat? loudest = null;
        foreach ((CompositeSeat seat, float level) in _levels)
            if (level > Audible && (loudest is null || level > _levels[loudest] * 2 || seat == Current && level * 2 > _levels[loudest])) loudest = seat;
        if (loudest is null || loudest == Current || at - _since < Hold) return;
        Current = loudest;
        _since = at;
    }
}
