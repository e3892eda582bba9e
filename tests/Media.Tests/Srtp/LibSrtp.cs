using System.Runtime.InteropServices;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

/// <summary>One direction of a libsrtp2 session: the oracle of these tests (Debian's libsrtp2-1, 2.5.0).</summary>
internal sealed unsafe partial class LibSrtp : IDisposable
{
    public const int Ok = 0;
    public const int AuthenticationFailed = 7;
    public const int ReplayFailed = 9;
    public const int ReplayOld = 10;

    private const string Library = "libsrtp2.so.1";
    private const int SpecificSsrc = 1;
    private static readonly int Started = Init();
    private nint _session;

    /// <summary>Opens a session for one SSRC.</summary>
    /// <param name="profile">Numbered as in DTLS-SRTP, like libsrtp's own enumeration.</param>
    /// <param name="masterKeyAndSalt">Key, then salt.</param>
    /// <param name="ssrc">The one SSRC.</param>
    public LibSrtp(SrtpProfile profile, ReadOnlySpan<byte> masterKeyAndSalt, uint ssrc)
    {
        Assert.Equal(Ok, Started);
        fixed (byte* key = masterKeyAndSalt)
        {
            var policy = new Policy { SsrcType = SpecificSsrc, Ssrc = ssrc, Key = key, WindowSize = 1024, AllowRepeat = 1 };
            Assert.Equal(Ok, SetRtp(&policy.Rtp, (int)profile));
            Assert.Equal(Ok, SetRtcp(&policy.Rtcp, (int)profile));
            Assert.Equal(Ok, Create(out _session, &policy));
        }
    }

    /// <summary>Key and salt of the side that was the DTLS server, or client, out of what the exporter gave.</summary>
    public static byte[] MasterOf(SrtpProfile profile, byte[] exported, bool server)
    {
        int key = profile == SrtpProfile.AeadAes256Gcm ? 32 : 16, salt = exported.Length / 2 - key, side = server ? 1 : 0;
        return [.. exported.AsSpan(side * key, key), .. exported.AsSpan(2 * key + side * salt, salt)];
    }

    public void SetRollover(uint ssrc, uint rollover) => Assert.Equal(Ok, SetStreamRoc(_session, ssrc, rollover));

    public int Protect(byte[] packet, ref int length)
    {
        fixed (byte* bytes = packet) return Protect(_session, bytes, ref length);
    }

    public int Unprotect(byte[] packet, ref int length)
    {
        fixed (byte* bytes = packet) return Unprotect(_session, bytes, ref length);
    }

    public int ProtectRtcp(byte[] packet, ref int length)
    {
        fixed (byte* bytes = packet) return ProtectRtcp(_session, bytes, ref length);
    }

    public int UnprotectRtcp(byte[] packet, ref int length)
    {
        fixed (byte* bytes = packet) return UnprotectRtcp(_session, bytes, ref length);
    }

    public void Dispose()
    {
        if (_session != 0) _ = Deallocate(_session);
        _session = 0;
    }

    [LibraryImport(Library, EntryPoint = "srtp_init")]
    private static partial int Init();

    [LibraryImport(Library, EntryPoint = "srtp_create")]
    private static partial int Create(out nint session, Policy* policy);

    [LibraryImport(Library, EntryPoint = "srtp_dealloc")]
    private static partial int Deallocate(nint session);

    [LibraryImport(Library, EntryPoint = "srtp_crypto_policy_set_from_profile_for_rtp")]
    private static partial int SetRtp(CryptoPolicy* policy, int profile);

    [LibraryImport(Library, EntryPoint = "srtp_crypto_policy_set_from_profile_for_rtcp")]
    private static partial int SetRtcp(CryptoPolicy* policy, int profile);

    [LibraryImport(Library, EntryPoint = "srtp_set_stream_roc")]
    private static partial int SetStreamRoc(nint session, uint ssrc, uint rollover);

    [LibraryImport(Library, EntryPoint = "srtp_protect")]
    private static partial int Protect(nint session, byte* packet, ref int length);

    [LibraryImport(Library, EntryPoint = "srtp_unprotect")]
    private static partial int Unprotect(nint session, byte* packet, ref int length);

    [LibraryImport(Library, EntryPoint = "srtp_protect_rtcp")]
    private static partial int ProtectRtcp(nint session, byte* packet, ref int length);

    [LibraryImport(Library, EntryPoint = "srtp_unprotect_rtcp")]
    private static partial int UnprotectRtcp(nint session, byte* packet, ref int length);

    // srtp_crypto_policy_t and srtp_policy_t of srtp.h 2.5.0.
    private struct CryptoPolicy
    {
        public int CipherType;
        public int CipherKeyLength;
        public int AuthenticationType;
        public int AuthenticationKeyLength;
        public int TagLength;
        public int Services;
    }

    private struct Policy
    {
        public int SsrcType;
        public uint Ssrc;
        public CryptoPolicy Rtp;
        public CryptoPolicy Rtcp;
        public byte* Key;
        public nint Keys;
        public nuint KeyCount;
        public nint Deprecated;
        public nuint WindowSize;
        public int AllowRepeat;
        public nint EncryptedExtensions;
        public int EncryptedExtensionCount;
        public nint Next;
    }
}
