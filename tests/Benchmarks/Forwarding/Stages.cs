using Sfu.Media.Srtp;
using Sfu.Router.Transport;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>Nanoseconds of each stage of forwarding, one after the other on this thread, beside the goals that were set for another machine
/// (AMD EPYC, Zen 4): the sum says what a worker's packet costs, the table where.</summary>
internal static class Stages
{
    private const int Payload = 1200;
    private const int Audio = 120;
    private const int Viewers = 50;

    /// <summary>Measures and prints a line of JSON each; tests/Benchmarks/stages.mjs makes the figures.</summary>
    public static void Run()
    {
        var srtp = new SrtpStages(Payload);
        var sound = new SrtpStages(Audio);
        using var sockets = new SocketStages(Payload + 28);
        using var merging = new SocketStages(Payload + 28, SegmentationMode.Auto);
        using var alone = new RoomStages(0, Payload);
        using var watched = new RoomStages(Viewers, Payload);
        double once = alone.PerPacket();
        (string Stage, double Ns, string Goal)[] rows =
        [
            ("in: receive, 32 waiting", sockets.Receive(), "600"),
            ("in: receive, 32 waiting, UDP_GRO on", merging.Receive(), "reported"),
            ("in: receive, 32 sent in messages of 8, UDP_GRO off", sockets.ReceiveMerged(), "reported"),
            ("in: receive, 32 sent in messages of 8, UDP_GRO on", merging.ReceiveMerged(), "reported"),
            ("in: demultiplex", SocketStages.Demultiplex(), "40"),
            ("in: unprotect GCM", srtp.Unprotect(SrtpProfile.AeadAes128Gcm), "190"),
            ("in: unprotect AES-CM", srtp.Unprotect(SrtpProfile.Aes128CmHmacSha1Tag80), "reported"),
            ("in: parse, count, route", once, "200"),
            ("out: select, rewrite, count", (watched.PerPacket() - once) / Viewers, "60"),
            ("out: protect GCM", srtp.Protect(SrtpProfile.AeadAes128Gcm), "170"),
            ("out: protect AES-CM, 64 together", srtp.ProtectTogether(SrtpProfile.Aes128CmHmacSha1Tag80), "420"),
            ("out: protect AES-CM, alone", srtp.Protect(SrtpProfile.Aes128CmHmacSha1Tag80), "reported"),
            ("out: protect GCM, 120 bytes", sound.Protect(SrtpProfile.AeadAes128Gcm), "reported"),
            ("out: protect AES-CM, 120 bytes, 64 together", sound.ProtectTogether(SrtpProfile.Aes128CmHmacSha1Tag80), "reported"),
            ("out: send, 1 packet a message", sockets.Send(1), "2640"),
            ("out: send, 4 packets a message", sockets.Send(4), "1073"),
            ("out: send, 10 packets a message", sockets.Send(10), "655"),
        ];
        Console.WriteLine($$"""{"engine":"{{SrtpEngine.Best.Description}}"}""");
        foreach ((string stage, double ns, string goal) in rows) Console.WriteLine($$"""{"stage":"{{stage}}","ns":{{ns:0.0}},"goal":"{{goal}}"}""");
    }
}
