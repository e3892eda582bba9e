using System.Buffers.Binary;
using System.Text;
using Sfu.Media.Ice;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Tests;
using Sfu.Media.Tests.Rtp;
using Sfu.Media.Time;

namespace Sfu.Fuzz.Targets;

/// <summary>Seeds made from tests/Vectors and by our own writers.</summary>
internal static class Seeds
{
    public static readonly IceCredentials Server = new("srvU", "server-password-000000");
    public static readonly IceCredentials Client = new("cliU", "client-password-000000");

    /// <summary>Recorded RTP, thinned: the packets of one stream are much alike.</summary>
    public static IEnumerable<byte[]> Rtp() => RecordedPackets.All.Where((packet, i) => !packet.IsRtcp && i % 5 == 0).Select(packet => packet.Bytes);

    /// <summary>Recorded RTCP, and one packet of each kind.</summary>
    public static IEnumerable<byte[]> Rtcp()
    {
        foreach (RecordedPacket packet in RecordedPackets.All.Where((packet, i) => packet.IsRtcp && i % 4 == 0)) yield return packet.Bytes;
        for (int kind = 0; kind < 10; kind++) yield return OneRtcp(kind);
    }

    /// <summary>Checks for <see cref="Server"/>, their answers, and the recorded first checks of clients.</summary>
    public static IEnumerable<byte[]> Stun()
    {
        foreach (string client in (string[])["chromium", "firefox", "aiortc", "gstreamer", "wrtc"])
            foreach (byte[] check in FirstPackets(client, "stun")) yield return check;
        for (int kind = 0; kind < 6; kind++) yield return OneStun(kind);
    }

    public static IEnumerable<byte[]> Sdp() =>
        Directory.EnumerateFiles(VectorFolder.PathOf("sdp"), "*.sdp").Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    /// <summary>Datagrams of a client, from tests/Vectors/first-packets.</summary>
    public static List<byte[]> FirstPackets(string client, string kind)
    {
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(VectorFolder.PathOf("first-packets", $"first-{client}.json")));
        return [.. document.RootElement.GetProperty(kind).EnumerateArray().Select(hex => Convert.FromHexString(hex.GetString()!))];
    }

    /// <summary>Datagrams behind each other, each after its 16-bit length.</summary>
    public static byte[] Joined(IEnumerable<byte[]> datagrams)
    {
        var all = new List<byte>();
        foreach (byte[] datagram in datagrams)
        {
            all.Add((byte)(datagram.Length >> 8));
            all.Add((byte)datagram.Length);
            all.AddRange(datagram);
        }
        return [.. all];
    }

    /// <summary>Takes one datagram from what <see cref="Joined"/> made, whatever became of it.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        if (rest.Length < 2) return false;
        int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Length - 2);
        datagram = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        return true;
    }

    private static byte[] OneRtcp(int kind)
    {
        byte[] buffer = new byte[1200];
        var writer = new RtcpWriter(buffer);
        Ssrc sender = new(0x11223344), media = new(0x55667788);
        _ = kind switch
        {
            0 => writer.WriteSenderReport(sender, new NtpTime(0xEEAA_0000_1111_2222), new RtpTimestamp(9000), 10, 1000, [new ReportBlock(media, 1, -2, 3, 4, 5, 6), default]),
            1 => writer.WriteReceiverReport(sender, [new ReportBlock(media, 255, 0x7FFFFF, 3, 4, 5, 6)]),
            2 => writer.WriteSourceDescription(sender, "someone@example"u8),
            3 => writer.WriteGoodbye([sender, media], "over"u8),
            4 => writer.WriteNack(sender, media, [new(0xFFF0), new(0xFFF1), new(3), new(90)], out _),
            5 => writer.WritePictureLoss(sender, media),
            6 => writer.WriteFullIntraRequest(sender, [new FirEntry(media, 7), new FirEntry(sender, 0)]),
            7 => writer.WriteRemb(sender, new Bitrate(2_500_000), [media, sender]),
            8 => writer.WriteTransportCc(sender, media, new(0xFFFA), [.. Enumerable.Range(0, 60).Select(i => i % 7 == 3 ? TransportCcWriter.NotReceived : i * 90L * (i % 11))], 3, out _),
            _ => writer.WriteReceiverReport(sender, []) && writer.WriteSourceDescription(sender, "x"u8) && writer.WritePictureLoss(sender, media)
                && writer.WriteTransportCc(sender, media, new(5), [.. Enumerable.Range(0, 300).Select(i => i * 4L)], 4, out _),
        };
        return writer.Written.ToArray();
    }

    private static byte[] OneStun(int kind)
    {
        byte[] buffer = new byte[400];
        StunType type = kind switch { 0 => StunType.BindingIndication, 1 => StunType.BindingResponse, 2 => StunType.BindingError, _ => StunType.BindingRequest };
        var writer = new StunWriter(buffer, type, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, (byte)kind]);
        if (kind == 1) writer.AddXorMappedAddress(TransportAddress.FromIPv4(0xC000_0201, 5000));
        if (kind == 2) writer.AddError(487);
        if (kind >= 3)
        {
            writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes($"{Server.Ufrag}:{Client.Ufrag}"));
            writer.AddUInt64(kind == 5 ? StunAttribute.IceControlled : StunAttribute.IceControlling, 1);
            writer.AddUInt32(StunAttribute.Priority, 99);
            if (kind == 4) writer.Add(StunAttribute.UseCandidate, default);
        }
        return buffer[..writer.Finish(Encoding.UTF8.GetBytes(Server.Password))];
    }
}
