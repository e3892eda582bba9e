using Sfu.Media.Time;

namespace Sfu.Recorder.Capture;

/// <summary>What a tap knows of one SSRC: its extended sequence numbers, also while the gate is closed, and what the gate kept out.</summary>
/// <remarks>Owned by the media worker's thread.</remarks>
internal struct TapStream
{
    /// <summary>A stream whose first number is below half of the 16 bits starts in cycle 1: what was sent before it then has a number too.</summary>
    private const uint FirstCycleBelow = 0x8000;

    private uint _highest;
    private bool _isStarted;
    private bool _hasReceipt;
    private long _base, _withheldBase;

    /// <summary>The stream.</summary>
    internal uint Ssrc;

    /// <summary>Order of use; 0 for a free place.</summary>
    internal long LastUse;

    /// <summary>Packets that the gate kept out.</summary>
    internal long Withheld;

    /// <summary>Why there are numbers to report as withheld; open when there are none.</summary>
    internal TapGate WithheldBy;

    /// <summary>Lowest number to report as withheld.</summary>
    internal uint WithheldFirst;

    /// <summary>Highest number to report as withheld.</summary>
    internal uint WithheldLast;

    /// <summary>When the first of them was received.</summary>
    internal MediaTime WithheldSince;

    /// <summary>When the last of them was received.</summary>
    internal MediaTime WithheldUntil;

    /// <summary>What the gate kept out last.</summary>
    internal MaskedSpan Masked;

    /// <summary>The extended number of a packet (RFC 3550 appendix A.1).</summary>
    internal uint Extend(ushort number)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            return _highest = number < FirstCycleBelow ? number + 0x10000u : number;
        }

        uint extended = (uint)(_highest + (short)(number - (ushort)_highest));
        if (extended > _highest) _highest = extended;
        return extended;
    }

    /// <summary>Notes a packet that the gate keeps out.</summary>
    internal void Withhold(MediaTime receivedAt, uint number, TapGate gate)
    {
        Withheld++;
        if (WithheldBy == TapGate.Open) (WithheldFirst, WithheldLast, WithheldSince) = (number, number, receivedAt);
        WithheldUntil = receivedAt;
        WithheldBy = gate;
        WithheldFirst = Math.Min(WithheldFirst, number);
        WithheldLast = Math.Max(WithheldLast, number);
    }

    /// <summary>Packets that the worker received since the first receipt, without those that the gate kept out.</summary>
    internal long Received(long packets)
    {
        if (!_hasReceipt) (_hasReceipt, _base, _withheldBase) = (true, packets, Withheld);
        return packets - _base - (Withheld - _withheldBase);
    }
}
