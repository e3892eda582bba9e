using System.Buffers.Binary;
using System.Diagnostics;
using Sfu.Media.Time;
using Sfu.Recorder.Native;

namespace Sfu.Recorder;

/// <summary>CLOCK_MONOTONIC, CLOCK_REALTIME and what the kernel says of their error.</summary>
public sealed unsafe class SystemRecorderClock : IRecorderClock
{
    private const int TimexSize = 256;                         // struct timex has 208 bytes on 64-bit Linux
    private const int MaxErrorAt = 24, StatusAt = 40;
    private const int Unsynchronised = 0x40;                   // STA_UNSYNC

    /// <inheritdoc/>
    public MediaTime Now
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp();
            return new MediaTime(Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * (1e9 / Stopwatch.Frequency)));
        }
    }

    /// <inheritdoc/>
    public ClockReading Read()
    {
        TimeSpec time;
        _ = LibC.ClockGetTime(LibC.RealTime, &time);
        var anchor = new WallClockAnchor(Now, time.Seconds * 1_000_000_000 + time.Nanoseconds);
        byte* timex = stackalloc byte[TimexSize];
        new Span<byte>(timex, TimexSize).Clear();              // modes 0: only reads
        int state = LibC.ReadClockState(timex);
        var fields = new ReadOnlySpan<byte>(timex, TimexSize);
        bool isSynced = state is >= 0 and < 5 && (BinaryPrimitives.ReadInt32LittleEndian(fields[StatusAt..]) & Unsynchronised) == 0;
        return new ClockReading(anchor, isSynced, BinaryPrimitives.ReadInt64LittleEndian(fields[MaxErrorAt..]));
    }
}
