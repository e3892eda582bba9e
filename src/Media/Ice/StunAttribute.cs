namespace Sfu.Media.Ice;

/// <summary>STUN attribute types that ICE uses (RFC 8489 section 18.3, RFC 8445 section 16.1).</summary>
internal static class StunAttribute
{
    internal const ushort MappedAddress = 0x0001;
    internal const ushort Username = 0x0006;
    internal const ushort MessageIntegrity = 0x0008;
    internal const ushort ErrorCode = 0x0009;
    internal const ushort UnknownAttributes = 0x000A;
    internal const ushort Realm = 0x0014;
    internal const ushort Nonce = 0x0015;
    internal const ushort MessageIntegritySha256 = 0x001C;
    internal const ushort XorMappedAddress = 0x0020;
    internal const ushort Priority = 0x0024;
    internal const ushort UseCandidate = 0x0025;
    internal const ushort Fingerprint = 0x8028;
    internal const ushort IceControlled = 0x8029;
    internal const ushort IceControlling = 0x802A;

    /// <summary>Types from here on may be ignored by who does not know them (RFC 8489 section 14).</summary>
    internal const ushort FirstOptional = 0x8000;

    /// <summary>True for a type below <see cref="FirstOptional"/> that has a meaning in a check, or may stand there without one.</summary>
    internal static bool IsUnderstood(ushort type) =>
        type is MappedAddress or Username or MessageIntegrity or ErrorCode or UnknownAttributes or Realm or Nonce
            or MessageIntegritySha256 or XorMappedAddress or Priority or UseCandidate;
}
