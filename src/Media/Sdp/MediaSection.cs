using Sfu.Media.Time;

namespace Sfu.Media.Sdp;

/// <summary>One m-section: its line and the attributes below it. Immutable.</summary>
public sealed class MediaSection : SdpLevel
{
    /// <summary>Line of the m-line in the text it was read from, counted from 1; 0 when it was built.</summary>
    public int Line { get; init; }

    /// <summary>Media type as written: <c>audio</c>, <c>video</c>, <c>application</c> or another token.</summary>
    public required string Media { get; init; }

    /// <summary>Port, 0 to 65,535; 0 is a rejected section, or a bundled one with <see cref="BundleOnly"/>.</summary>
    public required int Port { get; init; }

    /// <summary>Transport, such as <c>UDP/TLS/RTP/SAVPF</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>True when the formats are RTP payload types.</summary>
    public bool IsRtp => Protocol.Contains("RTP/", StringComparison.Ordinal);

    /// <summary>RTP payload types in order of preference, each once; empty for other protocols.</summary>
    public IReadOnlyList<byte> PayloadTypes { get; init; } = [];

    /// <summary>The formats of a section that is not RTP, such as <c>webrtc-datachannel</c>; empty for RTP.</summary>
    public string Formats { get; init; } = "";

    /// <summary>Most the other side may send here, written as <c>b=TIAS</c> (RFC 3890) and, for clients that know no other, <c>b=AS</c>
    /// (RFC 8866 section 5.8). Not read: what a client can take, its feedback says better.</summary>
    public Bitrate? MaxBitrate { get; init; }

    /// <summary><c>a=mid</c>, or null.</summary>
    public string? Mid { get; init; }

    /// <summary><c>a=bundle-only</c> (RFC 9143 section 6): live although its port is 0.</summary>
    public bool BundleOnly { get; init; }

    /// <summary><c>a=rtcp-mux</c> (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary><c>a=rtcp-mux-only</c> (RFC 8858).</summary>
    public bool RtcpMuxOnly { get; init; }

    /// <summary><c>a=rtcp-rsize</c> (RFC 5506).</summary>
    public bool RtcpRsize { get; init; }

    /// <summary>Payload type definitions, in the order written; of several for one payload type the first counts.</summary>
    public IReadOnlyList<RtpMap> RtpMaps { get; init; } = [];

    /// <summary>Format parameters, in the order written.</summary>
    public IReadOnlyList<FormatParameters> FormatParameters { get; init; } = [];

    /// <summary>RTCP feedback, in the order written; may name payload types the section does not have (Firefox).</summary>
    public IReadOnlyList<RtcpFeedback> RtcpFeedback { get; init; } = [];

    /// <summary>Source attributes, in the order written.</summary>
    public IReadOnlyList<SsrcLine> Ssrcs { get; init; } = [];

    /// <summary>Source groups, in the order written.</summary>
    public IReadOnlyList<SsrcGroup> SsrcGroups { get; init; } = [];

    /// <summary>MediaStream and track ids; one entry per MediaStream the track is in.</summary>
    public IReadOnlyList<Msid> Msids { get; init; } = [];

    /// <summary>RTP stream ids.</summary>
    public IReadOnlyList<RidDescription> Rids { get; init; } = [];

    /// <summary>Simulcast, or null.</summary>
    public SimulcastDescription? Simulcast { get; init; }

    /// <summary>Values of <c>a=candidate</c> without the attribute's name; their grammar is ICE's (<c>Sfu.Media.Ice</c>).</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary><c>a=sctp-port</c> (RFC 8841), or null.</summary>
    public int? SctpPort { get; init; }

    /// <summary><c>a=max-message-size</c> in bytes (RFC 8841), or null; 0 means no limit.</summary>
    public ulong? MaxMessageSize { get; init; }
}
