using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

/// <summary>The engines to test: OpenSSL everywhere, IPsec-MB where it is chosen. <see cref="SrtpEngineTests"/> sees to it that it is.</summary>
public static class Engines
{
    internal static readonly Dictionary<string, SrtpEngine> All = new[] { SrtpEngine.OpenSsl, SrtpEngine.Best }.DistinctBy(engine => engine.Name).ToDictionary(engine => engine.Name);

    public static TheoryData<string, SrtpProfile> WithProfiles()
    {
        var data = new TheoryData<string, SrtpProfile>();
        foreach (string name in All.Keys)
        {
            data.Add(name, SrtpProfile.AeadAes128Gcm);
            data.Add(name, SrtpProfile.AeadAes256Gcm);
        }

        data.Add(SrtpEngine.OpenSsl.Name, SrtpProfile.Aes128CmHmacSha1Tag80); // AES-CM is OpenSSL's under every engine
        return data;
    }

    public static TheoryData<string> Names() => [.. All.Keys];

    public static SrtpEngine Get(string name) => All[name];

    /// <summary>Both sides of one transport: what the server writes, the client reads.</summary>
    internal static (SrtpSender Sender, SrtpReceiver Receiver) Pair(string engine, SrtpProfile profile, int seed = 1)
    {
        byte[] exported = Exported(profile, seed);
        return (new SrtpSender(SrtpKeys.FromDtls(profile, exported, true), Get(engine)), new SrtpReceiver(SrtpKeys.FromDtls(profile, exported, false), Get(engine)));
    }

    internal static byte[] Exported(SrtpProfile profile, int seed)
    {
        var exported = new byte[SrtpKeys.ExportedLength(profile)];
        new Random(seed).NextBytes(exported);
        return exported;
    }
}
