using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Rtcp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Rtp;

/// <summary>What Chromium and Firefox really send is read whole.</summary>
public sealed class RecordedPacketTests
{
    [Fact]
    public void Parse_EveryPacket_IsTakenWithAllItsExtensions()
    {
        int oneByte = 0, twoByte = 0;
        foreach (RecordedPacket packet in RecordedPackets.All.Where(packet => !packet.IsRtcp))
        {
            Assert.Equal(DropReason.None, RtpHeader.Parse(packet.Bytes, out RtpHeader header));
            Assert.Equal(DropReason.None, header.TryGetPayload(packet.Bytes, out _));
            Assert.True(header.HasExtension);
            if (header.ExtensionProfile == 0xBEDE) oneByte++;
            else if (header.ExtensionProfile == 0x1000) twoByte++;

            // Each element begins where the one before it ended; behind the last is padding of less than 4 bytes.
            int used = 0, headSize = header.ExtensionProfile == 0xBEDE ? 1 : 2;
            var reader = new HeaderExtensionReader(packet.Bytes, header);
            while (reader.MoveNext(out _, out ReadOnlySpan<byte> value)) used += headSize + value.Length;
            Assert.InRange(header.ExtensionLength - used, 0, 3);
        }
        Assert.Equal((463, 50), (oneByte, twoByte));
    }

    [Fact]
    public void Undo_EveryRtxPacket_IsTheOriginalOrAProbe()
    {
        int probes = 0, repeated = 0, matched = 0;
        foreach (IGrouping<string, RecordedPacket> recording in RecordedPackets.All.Where(packet => !packet.IsRtcp).GroupBy(packet => packet.Case))
        {
            string client = recording.Key.Split('-')[0];
            var sent = new Dictionary<(byte, ushort, uint), byte[]>();
            foreach (RecordedPacket packet in recording)
            {
                Assert.Equal(DropReason.None, RtpHeader.Parse(packet.Bytes, out RtpHeader header));
                if (!RecordedPackets.Repaired.TryGetValue((client, header.PayloadType), out byte original))
                {
                    sent[(header.PayloadType, header.SequenceNumber.Value, header.Timestamp.Value)] = packet.Bytes[header.PayloadAt..];
                    continue;
                }

                DropReason reason = RtxPacket.Undo(packet.Bytes.ToArray(), header, original, new Ssrc(1), out Span<byte> restored);
                Assert.Equal(header.HasPadding ? DropReason.RtxWithoutOriginal : DropReason.None, reason);
                if (reason != DropReason.None)
                {
                    probes++;
                    continue;
                }
                repeated++;
                Assert.Equal(DropReason.None, RtpHeader.Parse(restored, out RtpHeader back));
                Assert.Equal((original, header.Timestamp, header.Marker), (back.PayloadType, back.Timestamp, back.Marker));
                if (!sent.TryGetValue((original, back.SequenceNumber.Value, back.Timestamp.Value), out byte[]? payload)) continue;
                Assert.Equal(payload, restored[back.PayloadAt..].ToArray());
                matched++;
            }
        }
        Assert.Equal((91, 88), (probes, repeated));
        Assert.InRange(matched, 60, repeated);
    }

    [Fact]
    public void Read_EveryRtcpPacket_IsAReportOrADescription()
    {
        int reports = 0, names = 0;
        var last = new Dictionary<(string, Ssrc), NtpTime>();
        foreach (RecordedPacket packet in RecordedPackets.All.Where(packet => packet.IsRtcp))
        {
            RtcpPacket only = RtcpFixture.Only(packet.Bytes);
            if (SenderReport.TryParse(only, out SenderReport report) == DropReason.None)
            {
                reports++;
                if (last.TryGetValue((packet.Case, report.Ssrc), out NtpTime before)) Assert.True(report.Ntp.Value > before.Value);
                last[(packet.Case, report.Ssrc)] = report.Ntp;
                continue;
            }
            Assert.Equal(DropReason.None, SourceDescription.TryParse(only, out SourceDescription description));
            while (description.MoveNext(out SdesChunk chunk))
            {
                Assert.True(chunk.TryGet(SdesItemType.Cname, out _));       // Chromium's simulcast sends an empty one
                Assert.True(last.ContainsKey((packet.Case, chunk.Ssrc)));
                names++;
            }
        }
        Assert.Equal((18, 18), (reports, names));
    }
}
