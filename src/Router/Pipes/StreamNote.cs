using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sfu.Media.Rtp;
using Sfu.Router.Producers;

namespace Sfu.Router.Pipes;

/// <summary>What an edge is told of a stream beside its packets: where its clock stands, whether it lives, how large and fast its pictures are.
/// An edge has few of its layers and could not measure the others.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StreamNote
{
    /// <summary>SSRC at the origin.</summary>
    internal uint Ssrc;

    /// <summary>RTP clock in Hz.</summary>
    internal int ClockRate;

    /// <summary>The stream's clock by its sender's reports.</summary>
    internal ClockAnchor Clock;

    /// <summary>Brings the sender's wall clock to ours, in nanoseconds.</summary>
    internal long SenderOffset;

    /// <summary>Whether it lives, how large and fast it is.</summary>
    internal ActivityState Activity;

    /// <summary>Says what is known of a stream.</summary>
    internal static StreamNote Of(RtpStream stream) => new()
    {
        Ssrc = stream.Ssrc.Value,
        ClockRate = stream.Clock.ClockRate,
        Clock = stream.Clock.Anchor,
        SenderOffset = stream.Producer.Transport.Clock.Value,
        Activity = stream.Activity.State,
    };

    /// <summary>Its bytes, for the pipe.</summary>
    internal static ReadOnlySpan<byte> Bytes(in StreamNote note) => MemoryMarshal.AsBytes(new ReadOnlySpan<StreamNote>(in note));

    /// <summary>Reads it back.</summary>
    internal static StreamNote Read(ReadOnlySpan<byte> body) => MemoryMarshal.Read<StreamNote>(body);
}

/// <summary>A time stamp and the wall-clock time it stands for.</summary>
/// <param name="Timestamp">RTP time stamp.</param>
/// <param name="Time">Sender's clock, nanoseconds since the Unix epoch.</param>
/// <param name="HasReport">A sender report says so; else the rest is nothing.</param>
internal readonly record struct ClockAnchor(RtpTimestamp Timestamp, long Time, bool HasReport);

/// <summary>What <see cref="StreamActivity"/> knows.</summary>
internal struct ActivityState
{
    /// <summary>When the last packet came, nanoseconds of the media clock.</summary>
    internal long LastPacketAt;

    /// <summary>Bits per second.</summary>
    internal long BitsPerSecond;

    /// <summary>Picture size, or 0.</summary>
    internal int Width;

    /// <inheritdoc cref="Width"/>
    internal int Height;

    /// <summary>Highest temporal layer.</summary>
    internal int HighestTemporalLayer;

    /// <summary>Frames per second of each temporal layer alone.</summary>
    internal LayerRates Rates;
}

/// <summary>One value for each temporal layer.</summary>
[InlineArray(Length)]
internal struct LayerRates
{
    /// <summary>Temporal layers at most (3 bits in VP9 and AV1).</summary>
    internal const int Length = 8;

    private double _first;
}
