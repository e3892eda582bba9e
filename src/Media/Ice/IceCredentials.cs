namespace Sfu.Media.Ice;

/// <summary>One side's ICE user name fragment (4 to 256 ice-chars) and password (22 to 256), RFC 8445 section 5.3.</summary>
public sealed record IceCredentials(string Ufrag, string Password)
{
    /// <summary>The fragment only: the password never appears in a log.</summary>
    public override string ToString() => $"ufrag {Ufrag}";
}
