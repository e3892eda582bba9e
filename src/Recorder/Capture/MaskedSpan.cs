using Sfu.Media.Time;

namespace Sfu.Recorder.Capture;

/// <summary>What a closed gate kept out of one stream last, so that nothing of it gets in by a way round: repaired by RTX, overtaken, repeated
/// in redundant audio, a key that was pressed in the pause and is let go after it (RFC 4733 section 2.5.1.2).</summary>
/// <remarks>Owned by the media worker's thread.</remarks>
internal struct MaskedSpan
{
    /// <summary>Numbers and time after the pause in which a stream's old media is looked for. A sender whose time stamps jump back is not
    /// masked for longer.</summary>
    private const uint MaxNumbers = 1024;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    private TapGate _by;
    private uint _first, _last, _end, _timestamp;
    private MediaTime _until;
    private bool _isOver;

    /// <summary>True while packets that pass the gate must be looked at.</summary>
    internal readonly bool IsWatched => _by != TapGate.Open;

    /// <summary>Takes a packet that the gate keeps out.</summary>
    internal void Mask(uint number, uint timestamp, TapGate by)
    {
        bool isNew = !IsWatched || _isOver && number > _last + MaxNumbers;
        if (isNew || number >= _last) (_last, _timestamp) = (number, timestamp);
        if (isNew || number < _first) _first = number;
        (_by, _isOver) = (by, false);
    }

    /// <summary>Judges a packet that the gate lets through.</summary>
    /// <param name="now">When it was received.</param>
    /// <param name="number">Its extended sequence number.</param>
    /// <param name="oldest">Media time of the oldest thing in it.</param>
    /// <param name="isRepaired">It came by RTX.</param>
    /// <returns>Open, or why it was to be kept out.</returns>
    internal TapGate Judge(MediaTime now, uint number, uint oldest, bool isRepaired)
    {
        if (!_isOver)
        {
            if (number > _last && !isRepaired) (_isOver, _end, _until) = (true, number - 1, now + MaxTime);
        }
        else if (now >= _until || number > _end + MaxNumbers)
        {
            _by = TapGate.Open;
            return TapGate.Open;
        }

        if (number < _first) return TapGate.Open;              // from before the pause
        bool isInside = number <= _last || isRepaired && (!_isOver || number <= _end) || (int)(oldest - _timestamp) <= 0;
        return isInside ? _by : TapGate.Open;
    }
}
