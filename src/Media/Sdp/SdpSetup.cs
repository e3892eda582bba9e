namespace Sfu.Media.Sdp;

/// <summary>DTLS role in <c>a=setup</c> (RFC 4145 section 4, RFC 8842 section 5.2).</summary>
public enum SdpSetup
{
    /// <summary>Either role; the answer decides.</summary>
    Actpass,

    /// <summary>DTLS client.</summary>
    Active,

    /// <summary>DTLS server.</summary>
    Passive,

    /// <summary>No connection for now.</summary>
    Holdconn,
}
