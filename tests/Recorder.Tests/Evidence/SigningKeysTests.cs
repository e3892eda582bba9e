using System.Security.Cryptography;
using Sfu.Recorder.Evidence;

namespace Sfu.Recorder.Tests.Evidence;

public sealed class SigningKeysTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("sfu-evidence-").FullName, "keys");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public void Open_Again_HasTheSameRootAndSigner()
    {
        using SigningKeys first = Open();
        string signer = first.Current(Start);
        using SigningKeys second = Open();

        Assert.Equal(first.RootId, second.RootId);
        Assert.Equal(signer, second.Current(Start.AddDays(29)));
        Assert.True(second.CanSign(signer, Start.AddDays(89)));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Open_PrivateKeys_AreForTheOwnerOnly()
    {
        using SigningKeys keys = Open();
        keys.Current(Start);

        string[] secret = Directory.GetFiles(_folder, "*.key");
        Assert.Equal(2, secret.Length);
        Assert.All(secret, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Current_OldSigner_IsReplacedAndMayEndWhatItBegan()
    {
        using SigningKeys keys = Open();
        string first = keys.Current(Start), second = keys.Current(Start.AddDays(30));

        Assert.NotEqual(first, second);
        Assert.True(keys.CanSign(first, Start.AddDays(89)));
        Assert.False(keys.CanSign(first, Start.AddDays(91)));
        Assert.Equal(2, keys.PublicKeys([first, second]).Keys.Count);
    }

    [Fact]
    public void Current_ExpiredSigner_LosesItsPrivateKeyAndKeepsItsPublicOne()
    {
        using SigningKeys keys = Open();
        string first = keys.Current(Start);
        keys.Current(Start.AddDays(100));

        Assert.False(File.Exists(Path.Combine(_folder, first + ".key")));
        Assert.Equal(first, Assert.Single(keys.PublicKeys([first]).Keys).Id);
    }

    [Fact]
    public void Sign_Content_VerifiesWithTheListedKey()
    {
        using SigningKeys keys = Open();
        string signer = keys.Current(Start);
        byte[] content = "content"u8.ToArray(), signature = keys.Sign(content, signer);
        using var listed = ECDsa.Create();
        listed.ImportFromPem(Assert.Single(keys.PublicKeys([signer]).Keys).Pem);
        using var root = ECDsa.Create();
        root.ImportFromPem(keys.RootPem);
        (byte[] json, byte[] rootSignature, _) = keys.PublicKeys([signer]);

        Assert.True(listed.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.True(root.VerifyData(json, rootSignature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("knoten äöü")]
    public void Current_AnyNodeName_GivesAnIdThatIsAFileName(string node)
    {
        using SigningKeys keys = SigningKeys.Open(_folder, node, new SigningKeyOptions());

        Assert.Matches(@"^[A-Za-z0-9-][A-Za-z0-9.-]*$", keys.Current(Start));
    }

    [Fact]
    public void Open_OptionsOutOfRange_Throws() =>
        Assert.Throws<ArgumentException>(() => SigningKeys.Open(_folder, "rec-a", new SigningKeyOptions { RotateAfter = TimeSpan.Zero }));

    private SigningKeys Open() => SigningKeys.Open(_folder, "rec-a", new SigningKeyOptions());
}
