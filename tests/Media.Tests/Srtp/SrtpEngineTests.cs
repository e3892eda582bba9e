using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

public sealed class SrtpEngineTests
{
    [Fact]
    public void Best_WhereTheLibraryAndTheCpuAreThere_IsIpsecMb()
    {
        bool hasLibrary = NativeLibrary.TryLoad("libIPSec_MB.so.1", out _);
        bool hasCpu = Avx2.IsSupported && Aes.IsSupported && Pclmulqdq.IsSupported && Bmi2.X64.IsSupported;

        Assert.Equal(hasLibrary && hasCpu ? "ipsec-mb" : "openssl", SrtpEngine.Best.Name);
        Assert.True(hasLibrary || RuntimeInformation.ProcessArchitecture != Architecture.X64, "libipsec-mb1 is not installed");
        Assert.Contains(hasLibrary && hasCpu ? "IPsec-MB 1.3" : "OpenSSL EVP; ", SrtpEngine.Best.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void AgreesWithOpenSsl_OpenSslItself_Passes() =>
        Assert.True(SrtpSelfTest.AgreesWithOpenSsl((key, encrypt) => SrtpEngine.OpenSsl.CreateGcm(key, encrypt)));

    [Theory]
    [InlineData("cipher")]
    [InlineData("tag")]
    [InlineData("accepts")]
    [InlineData("refuses")]
    [InlineData("opens")]
    [InlineData("256")]
    public void AgreesWithOpenSsl_WrongInOneWay_Fails(string fault) =>
        Assert.False(SrtpSelfTest.AgreesWithOpenSsl((key, encrypt) => new Faulty(SrtpEngine.OpenSsl.CreateGcm(key, encrypt), fault, key.Length)));

    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void Dispose_SenderAndReceiver_ZeroTheirKeysAndRefuseToWork(string engine, SrtpProfile profile)
    {
        SrtpKeys keys = SrtpKeys.FromDtls(profile, Engines.Exported(profile, 1), true);
        var sender = new SrtpSender(keys, Engines.Get(engine));
        var receiver = new SrtpReceiver(keys, Engines.Get(engine));
        byte[][] secrets =
        [
            keys.Local.RtpKey, keys.Local.RtpSalt, keys.Local.RtpAuthentication, keys.Local.RtcpKey, keys.Local.RtcpSalt, keys.Local.RtcpAuthentication,
            keys.Remote.RtpKey, keys.Remote.RtpSalt, keys.Remote.RtpAuthentication, keys.Remote.RtcpKey, keys.Remote.RtcpSalt, keys.Remote.RtcpAuthentication,
        ];
        Assert.All(secrets, secret => Assert.Contains(secret, value => value != 0));
        sender.Dispose();
        receiver.Dispose();

        Assert.All(secrets, secret => Assert.All(secret, value => Assert.Equal(0, value)));
        Assert.Throws<ObjectDisposedException>(() => sender.Protect(new byte[100], 12, new byte[10], default, 1));
        Assert.Throws<ObjectDisposedException>(() => sender.ProtectRtcp(new byte[100], 8));
        Media.Rtp.RtpHeader.Parse([0x80, .. new byte[60]], out Media.Rtp.RtpHeader header);
        Assert.Throws<ObjectDisposedException>(() => receiver.Unprotect(new byte[61], header, new byte[61], out _));
        Assert.Throws<ObjectDisposedException>(() => receiver.UnprotectRtcp(new byte[61], new byte[61], out _));
    }

    /// <summary>A cipher that is right except for one thing.</summary>
    private sealed class Faulty(AeadCipher inner, string fault, int keyLength) : AeadCipher
    {
        public override void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plain, Span<byte> output)
        {
            inner.Seal(iv, associated, plain, output);
            if ((fault == "cipher" && plain.Length == 1023) || (fault == "256" && keyLength == 32 && plain.Length == 1)) output[0] ^= 1;
            if (fault == "tag" && plain.Length == 769) output[plain.Length + TagLength - 1] ^= 0x80;
        }

        public override bool TryOpen(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> tag, Span<byte> output)
        {
            bool genuine = inner.TryOpen(iv, associated, cipher, tag, output);
            if (fault == "opens" && cipher.Length == 1200) output[^300] ^= 1;
            return (genuine || (fault == "accepts" && cipher.Length == 64)) && !(fault == "refuses" && cipher.Length == 17);
        }

        public override void Dispose() => inner.Dispose();
    }
}
