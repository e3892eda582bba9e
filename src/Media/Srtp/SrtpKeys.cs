using System.Security.Cryptography;
using Sfu.Media.Native;

namespace Sfu.Media.Srtp;

/// <summary>Session keys of both directions of one transport (RFC 3711 section 4.3), derived once.</summary>
/// <remarks>Owned by whoever took them from the handshake; <see cref="Dispose"/> zeroes them. Contexts copy what they need.</remarks>
public sealed class SrtpKeys : IDisposable
{
    private SrtpKeys(SrtpProfile profile, SrtpDirectionKeys local, SrtpDirectionKeys remote)
    {
        Profile = profile;
        Local = local;
        Remote = remote;
    }

    /// <summary>The negotiated profile.</summary>
    public SrtpProfile Profile { get; }

    internal SrtpDirectionKeys Local { get; }

    internal SrtpDirectionKeys Remote { get; }

    /// <summary>Bytes that the DTLS exporter must give: two master keys and two master salts (RFC 5764 section 4.2).</summary>
    public static int ExportedLength(SrtpProfile profile) => 2 * (KeyLength(profile) + SaltLength(profile));

    /// <summary>Derives the session keys from what the DTLS exporter gave.</summary>
    /// <param name="profile">The negotiated profile.</param>
    /// <param name="exported">Client key, server key, client salt, server salt; <see cref="ExportedLength"/> bytes.</param>
    /// <param name="isDtlsServer">True on the side that was the DTLS server: its own write keys are the server's.</param>
    /// <exception cref="ArgumentException">The length does not fit the profile.</exception>
    public static SrtpKeys FromDtls(SrtpProfile profile, ReadOnlySpan<byte> exported, bool isDtlsServer)
    {
        if (exported.Length != ExportedLength(profile)) throw new ArgumentException($"{exported.Length} bytes do not fit {profile}.", nameof(exported));
        int key = KeyLength(profile), salt = SaltLength(profile);
        var client = new SrtpDirectionKeys(profile, exported[..key], exported.Slice(2 * key, salt));
        var server = new SrtpDirectionKeys(profile, exported.Slice(key, key), exported.Slice(2 * key + salt, salt));
        return isDtlsServer ? new SrtpKeys(profile, server, client) : new SrtpKeys(profile, client, server);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Local.Clear();
        Remote.Clear();
    }

    private static int KeyLength(SrtpProfile profile) => profile == SrtpProfile.AeadAes256Gcm ? 32 : 16;

    private static int SaltLength(SrtpProfile profile) => profile == SrtpProfile.Aes128CmHmacSha1Tag80 ? 14 : 12;
}

/// <summary>Session keys of one direction.</summary>
internal sealed class SrtpDirectionKeys
{
    private const int AuthenticationKeyLength = 20;

    /// <summary>Derives all six keys with the AES-CM key derivation (RFC 3711 section 4.3.3; RFC 7714 section 11 for GCM).</summary>
    public SrtpDirectionKeys(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        Profile = profile;
        using EvpCipher prf = EvpCipher.Counter(masterKey);
        RtpKey = Derive(prf, masterSalt, 0, masterKey.Length);
        RtpAuthentication = Derive(prf, masterSalt, 1, AuthenticationKeyLength);
        RtpSalt = Derive(prf, masterSalt, 2, masterSalt.Length);
        RtcpKey = Derive(prf, masterSalt, 3, masterKey.Length);
        RtcpAuthentication = Derive(prf, masterSalt, 4, AuthenticationKeyLength);
        RtcpSalt = Derive(prf, masterSalt, 5, masterSalt.Length);
    }

    public SrtpProfile Profile { get; }

    public byte[] RtpKey { get; }

    public byte[] RtpAuthentication { get; }

    public byte[] RtpSalt { get; }

    public byte[] RtcpKey { get; }

    public byte[] RtcpAuthentication { get; }

    public byte[] RtcpSalt { get; }

    /// <summary>Overwrites every key with zeros.</summary>
    public void Clear()
    {
        foreach (byte[] key in new[] { RtpKey, RtpAuthentication, RtpSalt, RtcpKey, RtcpAuthentication, RtcpSalt })
            CryptographicOperations.ZeroMemory(key);
    }

    private static byte[] Derive(EvpCipher prf, ReadOnlySpan<byte> masterSalt, byte label, int length)
    {
        Span<byte> iv = stackalloc byte[16];
        iv.Clear();
        masterSalt.CopyTo(iv);          // a 96-bit salt is padded with zeros on the right (RFC 7714 section 11)
        iv[7] ^= label;                 // key derivation rate 0: the index part is 0
        byte[] key = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        Array.Clear(key);
        prf.Xor(iv, key, key);
        return key;
    }
}
