using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;
using Sfu.Recorder.Evidence;

namespace Sfu.Verify.Tests;

/// <summary>Time-stamp tokens: no bit of one may change unseen.</summary>
public sealed class TokenTests
{
    private static readonly byte[] Content = "what is attested"u8.ToArray();

    [Fact]
    public void Check_EachBitFlipped_IsNeverGood()
    {
        byte[] response = Response(Content);
        using var check = new TokenCheck();
        Assert.True(check.Load(Encoding.ASCII.GetBytes(TestAuthority.Authority.CertificatePem)));
        Assert.Equal(TokenState.Good, check.Check(response, Content, out DateTimeOffset time, out _));
        Assert.Equal(TestAuthority.Start, time);
        var passed = new List<int>();

        for (int bit = 0; bit < response.Length * 8; bit += TamperOptions.IsQuick ? 37 : TamperOptions.IsFull ? 1 : 5)
        {
            byte[] flipped = [.. response];
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            if (check.Check(flipped, Content, out _, out _) == TokenState.Good) passed.Add(bit);
        }

        Assert.True(passed.Count == 0, string.Join(' ', passed.Select(bit => $"{bit / 8}.{bit % 8}")));
    }

    [Fact]
    public void Check_EachLength_IsNeverGood()
    {
        byte[] response = Response(Content);
        using var check = new TokenCheck();
        check.Load(Encoding.ASCII.GetBytes(TestAuthority.Authority.CertificatePem));

        for (int length = 0; length < response.Length; length++)
            Assert.Equal(TokenState.Wrong, check.Check(response[..length], Content, out _, out _));
        Assert.Equal(TokenState.Wrong, check.Check([.. response, 0], Content, out _, out _));
    }

    [Fact]
    public void Check_AnotherFile_SaysSo()
    {
        using var check = new TokenCheck();
        check.Load(Encoding.ASCII.GetBytes(TestAuthority.Authority.CertificatePem));

        Assert.Equal(TokenState.Wrong, check.Check(Response(Content), "another file"u8.ToArray(), out _, out string detail));
        Assert.Equal("it attests another file", detail);
    }

    [Fact]
    public void Answer_RequestThatIsNone_GivesNothing()
    {
        Assert.Null(TestAuthority.Authority.Answer(new byte[] { 0x30, 0 }, TestAuthority.Start));
        byte[] request = Rfc3161TimestampRequest.CreateFromData(Content, HashAlgorithmName.SHA512).Encode();
        Assert.Null(TestAuthority.Authority.Answer(request, TestAuthority.Start));      // the manifests' hash is SHA-256
    }

    private static byte[] Response(byte[] content)
    {
        var request = Rfc3161TimestampRequest.CreateFromData(content, HashAlgorithmName.SHA256, requestSignerCertificates: true);
        return TimeStamper.Accept(request, TestAuthority.Authority.Answer(request.Encode(), TestAuthority.Start)!)!;
    }
}
