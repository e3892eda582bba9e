namespace Sfu.Recorder.Derivation;

/// <summary>Decodes one track of sound as time goes on: 48 kHz stereo, silence where nothing came.</summary>
internal sealed class SoundLane(IEnumerable<EncodedUnit> units) : IDisposable
{
    /// <summary>Samples per second.</summary>
    internal const int SampleRate = 48_000;

    /// <summary>Channels.</summary>
    internal const int Channels = 2;

    private const long Gap = 60_000_000;               // ns
    private const long Ahead = 1_000_000;              // ns: a packet that begins a sample or two late follows the one before, it leaves no gap
    private readonly IEnumerator<EncodedUnit> _units = units.GetEnumerator();
    private readonly AudioDecoder _decoder = new(SampleRate, Channels);
    private readonly PcmTimeline _timeline = new(SampleRate, Channels, 0);
    private readonly Queue<float> _ready = new();
    private bool _isStarted;
    private long _end = long.MinValue;

    /// <summary>The packet that comes next; null at the end.</summary>
    public EncodedUnit? Next { get; private set; }

    /// <summary>A packet was decoded.</summary>
    public bool HasBegun => _end != long.MinValue;

    /// <summary>Packets that could not be decoded.</summary>
    public long Failures => _decoder.Failures;

    /// <summary>Adds the next samples to a mix.</summary>
    /// <param name="mix">Interleaved.</param>
    /// <param name="end">Time behind the last of them, nanoseconds from the start of the recording.</param>
    /// <returns>Mean square of the samples.</returns>
    public float MixInto(Span<float> mix, long end)
    {
        if (!_isStarted) MoveNext();
        while (Next is { } unit && unit.At < end + Ahead)
        {
            if (HasBegun && unit.At - _end > Gap) _decoder.Reset();
            _end = unit.At + unit.Duration;
            Append(_timeline.Place(unit.At, _decoder.Decode(unit)));
            MoveNext();
        }
        if (_ready.Count < mix.Length) Append(_timeline.FillTo(end));
        float power = 0;
        for (int i = 0; i < mix.Length && _ready.TryDequeue(out float sample); i++)
        {
            mix[i] += sample;
            power += sample * sample;
        }
        return power / mix.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _units.Dispose();
        _decoder.Dispose();
    }

    private void Append(ReadOnlySpan<float> samples)
    {
        foreach (float sample in samples) _ready.Enqueue(sample);
    }

    private void MoveNext()
    {
        _isStarted = true;
        Next = _units.MoveNext() ? _units.Current : null;
    }
}
