using System.Runtime.InteropServices;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Capture;

/// <summary>The head of one entry of a <see cref="CaptureRing"/>; the payload follows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingEntry
{
    /// <summary>Bytes of head and payload, rounded up to 8; 0 says that the rest of the ring is left out.</summary>
    internal int Size;

    /// <summary>Bytes of the payload.</summary>
    internal int PayloadSize;

    /// <summary>Which tap.</summary>
    internal int Tap;

    /// <summary>What it is.</summary>
    internal RingEntryKind Kind;

    /// <summary>How a packet came.</summary>
    internal RecordMarks Marks;

    /// <summary>Why numbers were withheld.</summary>
    internal TapGate Gate;

    /// <summary>The stream.</summary>
    internal uint Ssrc;

    /// <summary>Extended sequence number of a packet; the first withheld one.</summary>
    internal uint Number;

    /// <summary>When the worker received it, nanoseconds.</summary>
    internal long Mono;

    /// <summary>A receipt's count; the last withheld number.</summary>
    internal long Value;

    /// <summary>When the first withheld packet was received, nanoseconds.</summary>
    internal long From;

    /// <summary>When the last one was.</summary>
    internal long To;
}
