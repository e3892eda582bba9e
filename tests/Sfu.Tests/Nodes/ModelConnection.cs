using System.Globalization;
using System.Text;
using Sfu.Media.Ice;
using Sfu.Media.Sdp;

namespace Sfu.Tests.Nodes;

/// <summary>A browser's peer connection as far as its offers go: transceivers that keep their places, one bundle, one certificate.</summary>
internal sealed class ModelConnection(int client, int generation)
{
    private readonly List<ModelTransceiver> _transceivers = [];
    private int _version;
    private int _mids;
    private int _restarts;

    public int Generation => generation;

    /// <summary>Of a real certificate, for tests with sockets.</summary>
    public string? Fingerprint { get; set; }

    /// <summary>Of a real agent, for tests with sockets.</summary>
    public IceCredentials? Ice { get; set; }

    public IReadOnlyList<ModelTransceiver> Transceivers => _transceivers;

    public ModelTransceiver Add(string kind, SdpDirection direction, string codec = "VP8")
    {
        var transceiver = new ModelTransceiver(kind, codec, (uint)((client * 1000) + (generation * 100) + (_mids * 2) + 10))
        {
            Direction = direction,
            Mid = (_mids++).ToString(CultureInfo.InvariantCulture),
        };
        int closed = _transceivers.FindIndex(t => t.IsClosed);
        if (closed >= 0) _transceivers[closed] = transceiver;          // RFC 9429 section 5.2.2: a closed place is used again
        else _transceivers.Add(transceiver);
        return transceiver;
    }

    public void RestartIce() => _restarts++;

    public string Offer()
    {
        var text = new StringBuilder();
        Line(text, "v=0");
        Line(text, $"o=- {client}{generation}4611 {++_version} IN IP4 127.0.0.1");
        Line(text, "s=-");
        Line(text, "t=0 0");
        Line(text, "a=group:BUNDLE " + string.Join(' ', _transceivers.Where(t => !t.IsStopped).Select(t => t.Mid)));
        Line(text, "a=extmap-allow-mixed");
        Line(text, "a=msid-semantic: WMS *");
        foreach (ModelTransceiver transceiver in _transceivers) Write(text, transceiver);
        return text.ToString();
    }

    public void Apply(SessionDescription answer)
    {
        for (int i = 0; i < _transceivers.Count; i++)
        {
            if (answer.MediaSections[i].Port != 0) continue;
            _transceivers[i].IsStopped = true;
            _transceivers[i].IsClosed = true;
        }
    }

    private void Write(StringBuilder text, ModelTransceiver transceiver)
    {
        bool isAudio = transceiver.Kind == "audio";
        string formats = isAudio ? "111 0" : transceiver.Codec == "VP8" ? "96 97 103 104" : "103 104";
        Line(text, $"m={transceiver.Kind} {(transceiver.IsStopped ? 0 : 9)} UDP/TLS/RTP/SAVPF {formats}");
        Line(text, "c=IN IP4 0.0.0.0");
        if (!transceiver.IsStopped || !transceiver.IsClosed) Line(text, $"a=mid:{transceiver.Mid}");
        Line(text, $"a=ice-ufrag:{Ice?.Ufrag ?? $"ufrag{client}x{generation}x{_restarts}"}");
        Line(text, $"a=ice-pwd:{Ice?.Password ?? $"passwordpasswordpassword{client}x{generation}x{_restarts}"}");
        Line(text, "a=fingerprint:" + (Fingerprint ?? ModelFingerprint()));
        Line(text, "a=setup:actpass");
        Line(text, isAudio ? "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level" : "a=extmap:13 urn:3gpp:video-orientation");
        Line(text, "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01");
        Line(text, "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid");
        Line(text, $"a={Name(transceiver.Direction)}");
        Line(text, "a=rtcp-mux");
        Line(text, "a=rtcp-rsize");
        if (isAudio) WriteAudio(text);
        else WriteVideo(text, transceiver.Codec);
        if ((transceiver.Direction & SdpDirection.SendOnly) == 0 || transceiver.IsStopped) return;
        Line(text, "a=msid:stream track" + transceiver.Mid);
        if (!isAudio) Line(text, $"a=ssrc-group:FID {transceiver.Ssrc} {transceiver.Ssrc + 1}");
        Line(text, $"a=ssrc:{transceiver.Ssrc} cname:client{client}");
        if (!isAudio) Line(text, $"a=ssrc:{transceiver.Ssrc + 1} cname:client{client}");
    }

    private string ModelFingerprint() => "sha-256 " + string.Join(
        ':', Enumerable.Range(0, 32).Select(i => ((i + (client * 7) + generation) % 256).ToString("X2", CultureInfo.InvariantCulture)));

    private static void WriteAudio(StringBuilder text)
    {
        Line(text, "a=rtpmap:111 opus/48000/2");
        Line(text, "a=rtcp-fb:111 transport-cc");
        Line(text, "a=fmtp:111 minptime=10;useinbandfec=1");
        Line(text, "a=rtpmap:0 PCMU/8000");
    }

    private static void WriteVideo(StringBuilder text, string codec)
    {
        if (codec == "VP8") WriteCodec(text, 96, "VP8/90000", null);
        WriteCodec(text, 103, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");
    }

    private static void WriteCodec(StringBuilder text, int payloadType, string name, string? parameters)
    {
        Line(text, $"a=rtpmap:{payloadType} {name}");
        foreach (string feedback in (string[])["transport-cc", "ccm fir", "nack", "nack pli"]) Line(text, $"a=rtcp-fb:{payloadType} {feedback}");
        if (parameters is not null) Line(text, $"a=fmtp:{payloadType} {parameters}");
        Line(text, $"a=rtpmap:{payloadType + 1} rtx/90000");
        Line(text, $"a=fmtp:{payloadType + 1} apt={payloadType}");
    }

    private static string Name(SdpDirection direction) => direction switch
    {
        SdpDirection.SendOnly => "sendonly",
        SdpDirection.RecvOnly => "recvonly",
        SdpDirection.SendRecv => "sendrecv",
        _ => "inactive",
    };

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\r\n");
}

/// <summary>One transceiver of a <see cref="ModelConnection"/>.</summary>
/// <param name="kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="codec"><c>VP8</c> = VP8 and H.264, anything else = H.264 only.</param>
/// <param name="ssrc">SSRC of what it sends; the next one is its RTX.</param>
internal sealed class ModelTransceiver(string kind, string codec, uint ssrc)
{
    public string Kind => kind;

    public string Codec { get; set; } = codec;

    public uint Ssrc => ssrc;

    public required string Mid { get; init; }

    public SdpDirection Direction { get; set; }

    /// <summary>Stopped by the application or by an answer: its next offer has port 0.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Both sides closed it: its place is free.</summary>
    public bool IsClosed { get; set; }
}
