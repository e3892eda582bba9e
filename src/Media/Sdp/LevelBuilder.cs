using Sfu.Media.Dtls;

namespace Sfu.Media.Sdp;

/// <summary>Collects what may stand at either level while a description is read. Lists exist only once something is in them.</summary>
internal class LevelBuilder
{
    public SdpDirection? Direction;
    public SdpSetup? Setup;
    public string? IceUfrag;
    public string? IcePassword;
    public string? IceOptions;
    public List<DtlsFingerprint>? Fingerprints;
    public List<ExtMap>? ExtMaps;
    public bool ExtmapAllowMixed;
    public bool EndOfCandidates;
}
