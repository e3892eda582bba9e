using Sfu.Media.Dtls;

namespace Sfu.Media.Tests.Dtls;

public sealed class TlsPrfTests
{
    // Vectors of the IETF TLS list, "Test vectors for TLS 1.2 PRF" (2009).
    [Fact]
    public void Expand_Sha256_GivesThePublishedBytes()
    {
        var output = new byte[100];
        TlsPrf.Expand(
            isSha384: false, Convert.FromHexString("9bbe436ba940f017b17652849a71db35"), "test label"u8,
            Convert.FromHexString("a0ba9f936cda311827a6f796ffd5198c"), output);

        Assert.Equal(
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab" +
            "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66", Convert.ToHexStringLower(output));
    }

    [Fact]
    public void Expand_ShorterOutput_IsItsBeginning()
    {
        byte[] secret = [1, 2, 3], seed = [4, 5, 6];
        foreach (bool isSha384 in new[] { false, true })
        {
            var whole = new byte[150];
            TlsPrf.Expand(isSha384, secret, "x"u8, seed, whole);
            for (int length = 1; length < whole.Length; length++)
            {
                var part = new byte[length];
                TlsPrf.Expand(isSha384, secret, "x"u8, seed, part);
                Assert.Equal(whole[..length], part);
            }
        }
    }
}
