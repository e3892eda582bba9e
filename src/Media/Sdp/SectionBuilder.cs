namespace Sfu.Media.Sdp;

/// <summary>Collects one m-section while a description is read.</summary>
internal sealed class SectionBuilder(int line, string media, int port, string protocol) : LevelBuilder
{
    public readonly int Line = line;
    public readonly string Media = media;
    public IReadOnlyList<byte> PayloadTypes = [];
    public string Formats = "";
    public string? Mid;
    public bool BundleOnly;
    public bool RtcpMux;
    public bool RtcpMuxOnly;
    public bool RtcpRsize;
    public List<RtpMap>? RtpMaps;
    public List<FormatParameters>? FormatParameters;
    public List<RtcpFeedback>? RtcpFeedback;
    public List<SsrcLine>? Ssrcs;
    public List<SsrcGroup>? SsrcGroups;
    public List<Msid>? Msids;
    public List<RidDescription>? Rids;
    public SimulcastDescription? Simulcast;
    public List<string>? Candidates;
    public int? SctpPort;
    public ulong? MaxMessageSize;

    public MediaSection Build() => new()
    {
        Line = Line,
        Media = Media,
        Port = port,
        Protocol = protocol,
        PayloadTypes = PayloadTypes,
        Formats = Formats,
        Mid = Mid,
        BundleOnly = BundleOnly,
        RtcpMux = RtcpMux,
        RtcpMuxOnly = RtcpMuxOnly,
        RtcpRsize = RtcpRsize,
        RtpMaps = RtpMaps ?? [],
        FormatParameters = FormatParameters ?? [],
        RtcpFeedback = RtcpFeedback ?? [],
        Ssrcs = Ssrcs ?? [],
        SsrcGroups = SsrcGroups ?? [],
        Msids = Msids ?? [],
        Rids = Rids ?? [],
        Simulcast = Simulcast,
        Candidates = Candidates ?? [],
        SctpPort = SctpPort,
        MaxMessageSize = MaxMessageSize,
        Direction = Direction,
        Setup = Setup,
        IceUfrag = IceUfrag,
        IcePassword = IcePassword,
        IceOptions = IceOptions,
        Fingerprints = Fingerprints ?? [],
        ExtMaps = ExtMaps ?? [],
        ExtmapAllowMixed = ExtmapAllowMixed,
        EndOfCandidates = EndOfCandidates,
    };
}
