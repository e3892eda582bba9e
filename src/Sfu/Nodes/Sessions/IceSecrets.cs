using System.Security.Cryptography;
using Sfu.Media.Ice;

namespace Sfu.Nodes.Sessions;

/// <summary>Makes our ICE credentials (RFC 8445 section 5.3).</summary>
internal static class IceSecrets
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>71 random bits of fragment, which is unique on the node, and 190 of password.</summary>
    internal static IceCredentials New() => new(RandomNumberGenerator.GetString(Alphabet, 12), RandomNumberGenerator.GetString(Alphabet, 32));
}
