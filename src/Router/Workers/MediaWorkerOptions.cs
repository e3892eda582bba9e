using System.Net;
using Sfu.Media.Native;
using Sfu.Media.Srtp;
using Sfu.Router.Overload;
using Sfu.Router.Producers;
using Sfu.Router.Transport;

namespace Sfu.Router.Workers;

/// <summary>What one media worker is told at its start.</summary>
public sealed record MediaWorkerOptions
{
    /// <summary>Index of the worker on its node, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Local address of its sockets; the default serves IPv4 and IPv6 on all interfaces.</summary>
    public IPAddress BindAddress { get; init; } = IPAddress.IPv6Any;

    /// <summary>UDP port, or 0 (default) for any free one.</summary>
    public int UdpPort { get; init; }

    /// <summary>TCP port to accept ICE-TCP on, 0 for any free one, or -1 (default) for none: only the first worker of a node listens.</summary>
    public int TcpPort { get; init; } = -1;

    /// <summary>Shared by all workers of a node, so that the one that listens passes connections on; null for a single worker.</summary>
    public TcpHandover? TcpHandover { get; init; }

    /// <summary>SRTP profiles we accept, the preferred one first.</summary>
    public IReadOnlyList<SrtpProfile> SrtpProfiles { get; init; } =
        [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];

    /// <summary>Silence of a client that ends its transport. 2 s to 120 s; default 15 s.</summary>
    public TimeSpan ParticipantTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From the opening of a transport to its first valid check. 5 s to 120 s; default 30 s.</summary>
    public TimeSpan IceTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the first valid check to the end of the DTLS handshake. 5 s to 120 s; default 30 s.</summary>
    public TimeSpan DtlsTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>DTLS datagrams processed in one turn, 1 to 16; default 1: a step costs up to a millisecond that calls wait for.</summary>
    public int HandshakeStepsPerTurn { get; init; } = 1;

    /// <summary>Whether equal packets leave as one message; default where it works.</summary>
    public SegmentationMode Segmentation { get; init; } = SegmentationMode.Auto;

    /// <summary>Whether the kernel may merge datagrams of one sender before the worker gets them (UDP_GRO); default where it works.</summary>
    public SegmentationMode Merging { get; init; } = SegmentationMode.Auto;

    /// <summary>What one participant may send; the default is 4,000 kbps a track and 8,000 kbps in all.</summary>
    public IngressLimits Ingress { get; init; } = IngressLimits.Default;

    /// <summary>A packet that waited longer in the socket is late; a worker whose packets are late sheds video. Zero (never) to 1 s; default
    /// 50 ms.</summary>
    public TimeSpan LateAfter { get; init; } = ShedBounds.DefaultLateAfter;

    /// <summary>A busy worker waits a little before it takes packets, so that several leave in one message; default true.</summary>
    public bool HasBurstWindow { get; init; } = true;

    /// <summary>The most that its thread asks of the kernel; it runs with less where that is refused. Default: nothing.</summary>
    public ThreadPolicy Scheduling { get; init; } = ThreadPolicy.Normal;

    /// <summary>Busy share, 0 to 1, up to which it stays in real time where it is granted that; busier, it leaves it for a while. Default 1: never.</summary>
    public double RealTimeUpTo { get; init; } = 1;

    /// <summary>Makes the kernel refuse merged sends, for tests of the fall-back.</summary>
    internal bool RefuseSegmentation { get; init; }
}
