using Sfu.Media.Srtp;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>The whole forwarder for each suite and number of packets in a turn; tests/Benchmarks/limit.mjs puts it beside the one in C.</summary>
internal static class Forwarder
{
    private const int Viewers = 50;

    /// <summary>Measures and prints a line of JSON each; only one of them when it is named.</summary>
    public static void Run(string? onlySuite, string? onlyK)
    {
        foreach ((string suite, SrtpProfile profile) in new[] { ("gcm", SrtpProfile.AeadAes128Gcm), ("cm", SrtpProfile.Aes128CmHmacSha1Tag80) })
        {
            foreach (int perTurn in new[] { 1, 4, 10 })
            {
                if (onlySuite is not null && (onlySuite != suite || onlyK != $"{perTurn}")) continue;
                using var forwarder = new WholeForwarder(profile, Viewers, perTurn);
                double ns = forwarder.PerForwardedPacket();
                Console.WriteLine($$"""{"suite":"{{suite}}","k":{{perTurn}},"ns":{{ns:0.0}},"coldNs":{{forwarder.PerForwardedPacket(isCold: true):0.0}}}""");
            }
        }
    }
}
