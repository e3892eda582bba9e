using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Producers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Consumers;

public sealed class HeaderFormTests
{
    private static readonly HeaderExtensionMap Sender = Map(
        (1, HeaderExtensionKind.AudioLevel), (2, HeaderExtensionKind.AbsCaptureTime), (3, HeaderExtensionKind.TransportCc),
        (4, HeaderExtensionKind.Mid), (5, HeaderExtensionKind.Rid), (6, HeaderExtensionKind.VideoOrientation), (7, HeaderExtensionKind.AbsSendTime));

    [Fact]
    public void Write_EverythingNegotiated_PassesOnWhatIsMeantForViewers()
    {
        Dictionary<byte, byte[]> written = Write(
            Map((9, HeaderExtensionKind.AudioLevel), (8, HeaderExtensionKind.AbsCaptureTime), (7, HeaderExtensionKind.TransportCc),
                (6, HeaderExtensionKind.Mid), (5, HeaderExtensionKind.Rid), (4, HeaderExtensionKind.VideoOrientation), (3, HeaderExtensionKind.AbsSendTime)),
            "12", writesTransportCc: true, out int transportCcAt, out byte[] header);

        Assert.Equal<byte>([4, 6, 7, 8, 9], written.Keys.Order());
        Assert.Equal("12"u8.ToArray(), written[6]);
        Assert.Equal([2], written[4]);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], written[8]);
        Assert.Equal([0x90], written[9]);
        Assert.Equal([0, 0], header[transportCcAt..(transportCcAt + 2)]);
        Assert.Equal(0xBE, header[12]);
    }

    [Fact]
    public void Write_NoTransportCc_WritesTheSendTime()
    {
        Dictionary<byte, byte[]> written = Write(
            Map((3, HeaderExtensionKind.AbsSendTime)), "12", writesTransportCc: true, out int transportCcAt, out _);

        Assert.Equal(0, transportCcAt);
        Assert.Equal([0x0A, 0x00, 0x00], Assert.Single(written).Value);      // 2.5 s in 6.18 fixed point
    }

    [Fact]
    public void Write_HighIdOrLongMid_UsesTwoByteElements()
    {
        Assert.Equal(0x10, Header(Map((15, HeaderExtensionKind.AudioLevel)), "12")[12]);
        Assert.Equal(0x10, Header(Map((4, HeaderExtensionKind.Mid)), "a mid of 17 bytes")[12]);
        Assert.Equal(0xBE, Header(Map((4, HeaderExtensionKind.Mid)), "a mid of 16 byte")[12]);
    }

    [Fact]
    public void Write_LongestOfAll_FitsTheBuffer()
    {
        byte[] header = Header(
            Map((15, HeaderExtensionKind.AudioLevel), (8, HeaderExtensionKind.AbsCaptureTime), (7, HeaderExtensionKind.TransportCc),
                (6, HeaderExtensionKind.Mid), (4, HeaderExtensionKind.VideoOrientation)),
            new string('m', 32));

        Assert.InRange(header.Length, 60, HeaderForm.MaxLength);
    }

    private static byte[] Header(HeaderExtensionMap viewer, string mid)
    {
        Write(viewer, mid, writesTransportCc: true, out _, out byte[] header);
        return header;
    }

    private static Dictionary<byte, byte[]> Write(
        HeaderExtensionMap viewer, string mid, bool writesTransportCc, out int transportCcAt, out byte[] header)
    {
        byte[] source = Source();
        RtpHeader.Parse(source, out RtpHeader parsed);
        var form = new HeaderForm(new ConsumerParameters(mid, new Ssrc(1), null, [], viewer), writesTransportCc);
        var buffer = new byte[HeaderForm.MaxLength];
        var fields = new HeaderFields(false, 96, new SequenceNumber(1), new RtpTimestamp(2), new Ssrc(3));
        int length = form.Write(
            buffer, MediaTime.FromSeconds(2.5), fields, source, ExtensionValues.Read(source, parsed, Sender), System.Text.Encoding.UTF8.GetBytes(mid), out transportCcAt);
        header = buffer[..length];
        Assert.Equal(DropReason.None, RtpHeader.Parse(header, out RtpHeader written));
        Assert.Equal(length, written.PayloadAt);
        var found = new Dictionary<byte, byte[]>();
        var reader = new HeaderExtensionReader(header, written);
        while (reader.MoveNext(out byte id, out ReadOnlySpan<byte> value)) found.Add(id, value.ToArray());
        return found;
    }

    private static byte[] Source()
    {
        var bytes = new byte[200];
        var writer = new RtpHeaderWriter(bytes, false, 96, default, default, default);
        writer.AddExtension(1, [0x90]);
        writer.AddExtension(2, [1, 2, 3, 4, 5, 6, 7, 8]);
        writer.AddExtension(3, [7, 7]);
        writer.AddExtension(4, "sender"u8);
        writer.AddExtension(5, "f"u8);
        writer.AddExtension(6, [2]);
        writer.AddExtension(7, [9, 9, 9]);
        return bytes[..writer.Finish()];
    }

    private static HeaderExtensionMap Map(params (byte Id, HeaderExtensionKind Kind)[] entries) =>
        new(entries.Select(entry => KeyValuePair.Create(entry.Id, entry.Kind)));
}
