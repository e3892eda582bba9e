using System.Buffers.Binary;
using Sfu.Media.Time;
using Sfu.Recorder;
using Sfu.Recorder.Capture;

namespace Sfu.Benchmarks;

/// <summary>Plays a media worker: hands packets of many tracks to their taps in real time, each when it is due.</summary>
/// <param name="taps">One per track; null = the same work without recording.</param>
/// <param name="video">How many of them are video: 1 Mbit/s in packets of 1,160 bytes; the others are audio, 32 kbit/s in 50 packets a second.</param>
internal sealed class Injector(RecordingTap?[] taps, int video)
{
    private const int VideoSize = 1172, AudioSize = 92;
    private static readonly TimeSpan VideoInterval = TimeSpan.FromSeconds((VideoSize - 12) * 8 / 1e6);
    private static readonly TimeSpan AudioInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(5);

    private readonly byte[] _packet = new byte[VideoSize];
    private readonly MediaTime[] _due = new MediaTime[taps.Length];
    private readonly ushort[] _number = new ushort[taps.Length];

    /// <summary>Packets handed over.</summary>
    public long Packets { get; private set; }

    /// <summary>Of them refused by the tap.</summary>
    public long Refused { get; private set; }

    /// <summary>Runs on the calling thread until a time.</summary>
    public void Run(SystemRecorderClock clock, MediaTime until)
    {
        MediaTime start = clock.Now;
        // Tracks do not begin at one instant in a real call either.
        for (int i = 0; i < taps.Length; i++) _due[i] = start + TimeSpan.FromTicks(Interval(i).Ticks * (i % 97) / 97);
        _packet[0] = 0x80;
        _packet[1] = 96;
        for (MediaTime now = start; now < until; now = clock.Now)
        {
            for (int i = 0; i < taps.Length; i++)
                for (; _due[i] <= now; _due[i] += Interval(i)) Send(i, now);
            TimeSpan rest = Turn - (clock.Now - now);
            if (rest > TimeSpan.Zero) Thread.Sleep(rest);
        }
    }

    private TimeSpan Interval(int track) => track < video ? VideoInterval : AudioInterval;

    private void Send(int track, MediaTime now)
    {
        Span<byte> packet = _packet.AsSpan(0, track < video ? VideoSize : AudioSize);
        ushort number = ++_number[track];
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], number);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], number * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], (uint)track + 1000);
        Packets++;
        if (taps[track] is { } tap && !tap.OnRtp(now, packet, isRepaired: false)) Refused++;
    }
}
