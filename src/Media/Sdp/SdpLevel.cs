using Sfu.Media.Dtls;

namespace Sfu.Media.Sdp;

/// <summary>What may stand at session level as well as in an m-section.</summary>
/// <remarks>Immutable. An unset value of a section means that of the session; <see cref="Negotiation.OfferView"/> resolves that.</remarks>
public abstract class SdpLevel
{
    private protected SdpLevel()
    {
    }

    /// <summary>Direction, or null when it is not written.</summary>
    public SdpDirection? Direction { get; init; }

    /// <summary>DTLS role, or null when it is not written.</summary>
    public SdpSetup? Setup { get; init; }

    /// <summary><c>a=ice-ufrag</c>, 4 to 256 characters, or null.</summary>
    public string? IceUfrag { get; init; }

    /// <summary><c>a=ice-pwd</c>, 22 to 256 characters, or null. A secret: never logged.</summary>
    public string? IcePassword { get; init; }

    /// <summary><c>a=ice-options</c>, separated by spaces, or null.</summary>
    public string? IceOptions { get; init; }

    /// <summary>Certificate hashes with an algorithm we know; others are left out (RFC 8122 section 5).</summary>
    public IReadOnlyList<DtlsFingerprint> Fingerprints { get; init; } = [];

    /// <summary>Header extension ids, in the order written.</summary>
    public IReadOnlyList<ExtMap> ExtMaps { get; init; } = [];

    /// <summary>One- and two-byte header extensions may be mixed (RFC 8285 section 4.1.2).</summary>
    public bool ExtmapAllowMixed { get; init; }

    /// <summary>No further candidate will be signalled (RFC 8840 section 4.3).</summary>
    public bool EndOfCandidates { get; init; }
}
