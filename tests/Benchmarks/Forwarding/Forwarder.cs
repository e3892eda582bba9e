using Sfu.Media.Srtp;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>The whole forwarder with one suite and one number of packets in a turn; tests/Benchmarks/forwarder.mjs puts it beside the one in C.</summary>
internal static class Forwarder
{
    private const int Viewers = 50;

    /// <summary>Measures and prints a line of JSON.</summary>
    /// <param name="suite">gcm or cm.</param>
    /// <param name="perTurn">Packets that wait when a turn begins.</param>
    public static void Run(string suite, int perTurn)
    {
        using var forwarder = new WholeForwarder(suite == "gcm" ? SrtpProfile.AeadAes128Gcm : SrtpProfile.Aes128CmHmacSha1Tag80, Viewers, perTurn);
        double ns = forwarder.PerForwardedPacket();
        Console.WriteLine($$"""{"ns":{{ns:0.0}},"coldNs":{{forwarder.PerForwardedPacket(isCold: true):0.0}}}""");
    }
}
