using System.Text;
using Sfu.Media.Sdp;

namespace Sfu.Fuzz.Targets;

/// <summary>Trickle fragments. What is written reads back as the same text.</summary>
internal sealed class TrickleTarget : FuzzTarget
{
    public override string Name => "trickle";

    public override string SeedKind => "trickle";

    public override bool IsText => true;

    public override int MaxLength => 8 * 1024;

    public override long AllocationLimit(int length) => 16 * 1024 + 32L * length;

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. new[]
        {
            "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
            + "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\na=end-of-candidates\r\n",
            "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\na=end-of-candidates\n",
            "a=ice-lite\r\na=ice-options:trickle\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\nm=video 9 RTP/AVP 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override long Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (!TrickleFragment.TryParse(text, out TrickleFragment? fragment, out SdpError? error)) return (long)error.Code * 100 + error.Field.Length;
        string written = fragment.ToString();
        Oracle.That(TrickleFragment.TryParse(written, out TrickleFragment? again, out error), "what was written is refused", error);
        Oracle.That(again.ToString() == written, "what was written reads differently");
        return 10_000 + Math.Min(fragment.Sections.Count, 9) + 100 * Math.Min(fragment.Sections.Sum(section => section.Candidates.Count), 9)
            + (fragment.Credentials is null ? 0 : 20_000) + (fragment.EndOfCandidates ? 40_000 : 0) + (fragment.IceLite ? 80_000 : 0);
    }
}
