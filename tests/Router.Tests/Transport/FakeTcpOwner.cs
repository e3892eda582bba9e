using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>A worker of the test's making: places connections by the first byte of their first frame, keeps what it gets.</summary>
internal sealed class FakeTcpOwner : ITcpOwner
{
    /// <summary>First byte of a frame that is for this worker.</summary>
    internal const byte ForHere = 1;

    /// <summary>First byte of a frame that is for another worker.</summary>
    internal const byte ForElsewhere = 2;

    /// <summary>Whole frames, with their connections.</summary>
    internal List<(TransportAddress From, byte[] Bytes)> Frames { get; } = [];

    /// <summary>Connections passed on, with what was read from them.</summary>
    internal List<(FileDescriptor Socket, TransportAddress Remote, byte[] FirstFrame, byte[] Behind)> HandedOver { get; } = [];

    /// <summary>Runs within the delivery of a frame.</summary>
    internal Action<TransportAddress>? WhileDelivering { get; set; }

    TcpPlacement ITcpOwner.Place(ReadOnlySpan<byte> firstFrame) => firstFrame[0] switch
    {
        ForHere => TcpPlacement.Here,
        ForElsewhere => TcpPlacement.Elsewhere,
        _ => TcpPlacement.Refuse,
    };

    void ITcpOwner.HandOver(FileDescriptor socket, in TransportAddress remote, ReadOnlySpan<byte> firstFrame, ReadOnlySpan<byte> rest) =>
        HandedOver.Add((socket, remote, firstFrame.ToArray(), rest.ToArray()));

    void ITcpOwner.OnFrame(MediaTime now, in TransportAddress from, Span<byte> frame)
    {
        WhileDelivering?.Invoke(from);
        Frames.Add((from, frame.ToArray()));
    }
}
