using System.Buffers.Binary;
using CsCheck;
using Sfu.Media;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>From queued packets to protected messages, decrypted again by the clients.</summary>
public sealed unsafe class PacketOutputTests : IDisposable
{
    private static readonly TransportAddress Udp1 = TransportAddress.FromIPv4(1, 1001);
    private static readonly TransportAddress Udp2 = TransportAddress.FromIPv4(2, 1002);
    private static readonly TransportAddress Tcp = TransportAddress.FromIPv4(3, 1003, TransportProtocol.Tcp, 77);

    private readonly NativeBlock _payloads = new(4 * 1024 * 1024);
    private int _payloadEnd;

    public void Dispose() => _payloads.Dispose();

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void Flush_AnyPackets_SendsEachOnceInOrderOfItsStream(SrtpProfile profile) =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.OneOf(Gen.Int[1, 1400], Gen.Int[0, 1].Select(i => i * 900 + 200))).Array[0, 400].Sample(packets =>
        {
            using var fixture = new TransportFixture(profile);
            TransportAddress[] addresses = [Udp1, Udp2, Tcp];
            (ParticipantTransport Transport, SrtpReceiver Client)[] all = [.. addresses.Select(fixture.Connect)];
            _payloadEnd = 0;
            var indices = new ulong[3, 3];
            var expected = new List<(uint Ssrc, byte[] Bytes)>[3];
            for (int i = 0; i < 3; i++) expected[i] = [];
            foreach ((int to, int stream, int length) in packets)
            {
                if (stream == 3) expected[to].Add((0, SendRtcp(all[to].Transport, length)));
                else expected[to].Add(((uint)stream + 1, SendRtp(all[to].Transport, (uint)stream + 1, ++indices[to, stream], length, split: length % 3)));
            }

            fixture.Output.Flush();

            for (int i = 0; i < 3; i++)
            {
                List<(uint Ssrc, byte[] Bytes)> received = Decrypt(fixture.Sink, addresses[i], all[i].Client);
                Assert.Equal(expected[i].Count, received.Count);
                foreach (IGrouping<uint, (uint Ssrc, byte[] Bytes)> stream in expected[i].GroupBy(e => e.Ssrc))
                    Assert.Equal(stream.Select(e => Convert.ToHexString(e.Bytes)), received.Where(r => r.Ssrc == stream.Key).Select(r => Convert.ToHexString(r.Bytes)));
            }

            Assert.All(fixture.Counters.Dropped, count => Assert.Equal(0, count));
        }, iter: 40, threads: 1);

    [Fact]
    public void Flush_EqualVideoPackets_LeaveAsOneMessage()
    {
        using var fixture = new TransportFixture();
        ParticipantTransport transport = fixture.Connect(Udp1).Transport;
        for (ulong i = 0; i < 30; i++) SendRtp(transport, 1, i, 1000, split: 0);

        fixture.Output.Flush();

        (TransportAddress to, byte[][] datagrams, bool isVideo) = Assert.Single(fixture.Sink.Messages);
        Assert.Equal((Udp1, 30, true), (to, datagrams.Length, isVideo));
    }

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, 987)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80, 993)]
    public void Flush_LongestRun_ReservesNoMoreThanTheSinkHasToGive(SrtpProfile profile, int length)
    {
        using var fixture = new TransportFixture(profile);
        (ParticipantTransport transport, SrtpReceiver client) = fixture.Connect(Udp1);
        for (ulong i = 0; i < 64; i++) SendRtp(transport, 1, i, length, split: 0);

        fixture.Output.Flush();

        Assert.Equal(64, Assert.Single(fixture.Sink.Messages).Datagrams.Length);
        Assert.Equal(64, Decrypt(fixture.Sink, Udp1, client).Count);
    }

    [Fact]
    public void Flush_ManyReceivers_FlushesEverySixteen()
    {
        using var fixture = new TransportFixture();
        for (uint i = 0; i < 40; i++) SendRtp(fixture.Connect(TransportAddress.FromIPv4(i, 1000)).Transport, 1, 1, 500, split: 0);

        fixture.Output.Flush();

        Assert.Equal(40, fixture.Sink.Messages.Count);
        Assert.Equal(2 + 1, fixture.Sink.Flushes);
    }

    [Fact]
    public void Flush_AesCmToManyReceivers_ProtectsTheirPacketsTogether()
    {
        using var fixture = new TransportFixture(SrtpProfile.Aes128CmHmacSha1Tag80);
        var all = new (ParticipantTransport Transport, SrtpReceiver Client)[16];
        for (uint i = 0; i < all.Length; i++)
        {
            all[i] = fixture.Connect(TransportAddress.FromIPv4(i, 1000));
            for (ulong index = 1; index <= 4; index++) SendRtp(all[i].Transport, 1, index, 1000, split: 0);
        }

        fixture.Output.Flush();

        if (SrtpEngine.Best.Name == "ipsec-mb") Assert.Equal((64, 0), (fixture.Batch.Together, fixture.Batch.Singly));
        for (uint i = 0; i < all.Length; i++) Assert.Equal(4, Decrypt(fixture.Sink, TransportAddress.FromIPv4(i, 1000), all[i].Client).Count);
    }

    [Fact]
    public void SendRtp_MoreThanTheQueueHolds_DrainsWithinTheTurn()
    {
        using var fixture = new TransportFixture();
        (ParticipantTransport transport, SrtpReceiver client) = fixture.Connect(Udp1);
        long epoch = fixture.Output.Epoch;
        for (ulong i = 0; i < 5000; i++) SendRtp(transport, 1, i, 100, split: 0);

        Assert.Equal(epoch + 1, fixture.Output.Epoch);     // payloads handed over before are free again
        fixture.Output.Flush();
        Assert.Equal(5000, Decrypt(fixture.Sink, Udp1, client).Count);
    }

    [Fact]
    public void SendRtp_LongerThanAnyPacket_IsCountedAndNotSent()
    {
        using var fixture = new TransportFixture();
        ParticipantTransport transport = fixture.Connect(Udp1).Transport;
        SendRtp(transport, 1, 1, 1700, split: 0);
        transport.Routed.SendRtcp(new byte[1601]);

        fixture.Output.Flush();

        Assert.Empty(fixture.Sink.Messages);
        Assert.Equal(2, fixture.Counters.Dropped[(int)DropReason.TooLong]);
    }

    [Fact]
    public void Flush_TransportWithoutKeysOrGone_CountsAndSendsNothing()
    {
        using var fixture = new TransportFixture();
        ParticipantTransport noKeys = fixture.Open(), gone = fixture.Connect(Udp2).Transport;
        SendRtp(noKeys, 1, 1, 100, split: 0);
        SendRtp(gone, 1, 1, 100, split: 0);
        gone.Routed.SendRtcp(new byte[8]);
        fixture.Transports.Remove(gone);

        fixture.Output.Flush();

        Assert.Empty(fixture.Sink.Messages);
        Assert.Equal(3, fixture.Counters.Dropped[(int)DropReason.Closed]);
    }

    [Fact]
    public void Flush_NoRoomInTheSink_CountsEveryPacket()
    {
        using var fixture = new TransportFixture();
        ParticipantTransport transport = fixture.Connect(Udp1).Transport, tcp = fixture.Connect(Tcp).Transport;
        fixture.Sink.IsFull = true;
        for (ulong i = 0; i < 10; i++) SendRtp(transport, 1, i, 100, split: 0);
        for (ulong i = 0; i < 10; i++) SendRtp(tcp, 1, i, 100, split: 0);

        fixture.Output.Flush();

        Assert.Equal(20, fixture.Counters.Dropped[(int)DropReason.SendQueueFull]);
    }

    [Fact]
    public void Flush_CongestedTcp_KeepsSoundAndDropsPictures()
    {
        using var fixture = new TransportFixture();
        (ParticipantTransport transport, SrtpReceiver client) = fixture.Connect(Tcp);
        fixture.Sink.Congested.Add(Tcp);
        for (ulong i = 0; i < 100; i++) SendRtp(transport, 1, i, 1000, split: 0);
        for (ulong i = 0; i < 10; i++) SendRtp(transport, 2, i, 80, split: 0, MediaKind.Audio);
        SendRtcp(transport, 40);

        fixture.Output.Flush();

        List<(uint Ssrc, byte[] Bytes)> received = Decrypt(fixture.Sink, Tcp, client);
        Assert.Equal((10, 1, 0), (received.Count(r => r.Ssrc == 2), received.Count(r => r.Ssrc == 0), received.Count(r => r.Ssrc == 1)));
        Assert.Equal(100, fixture.Counters.Dropped[(int)DropReason.SendQueueFull]);
        Assert.True(transport.IsCongested);
    }

    [Fact]
    public void Protect_TransportCcNumbers_FollowTheOrderOfLeaving()
    {
        using var fixture = new TransportFixture();
        (ParticipantTransport transport, _) = fixture.Connect(Udp1);
        for (ulong i = 0; i < 60; i++) SendRtp(transport, (uint)(i % 2 + 1), i, i % 2 == 0 ? 100 : 900 + (int)i % 5, split: 0, transportCc: true);

        fixture.Output.Flush();

        ushort[] numbers = [.. fixture.Sink.Messages.SelectMany(m => m.Datagrams).Select(d => BinaryPrimitives.ReadUInt16BigEndian(d.AsSpan(16)))];
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (ushort)i), numbers);
    }

    [Fact]
    public void SendPlain_ToTcp_IsFramed()
    {
        using var fixture = new TransportFixture();
        fixture.Output.SendPlain(Tcp, [1, 2, 3]);
        fixture.Output.SendPlain(Udp1, [4, 5]);
        fixture.Output.Flush();

        Assert.Equal([0, 3, 1, 2, 3], fixture.Sink.Messages[0].Datagrams[0]);
        Assert.Equal([4, 5], fixture.Sink.Messages[1].Datagrams[0]);
    }

    /// <summary>Queues a packet; <paramref name="split"/> bytes of its payload lie behind its header.</summary>
    /// <returns>The plain packet.</returns>
    private byte[] SendRtp(
        ParticipantTransport transport, uint ssrc, ulong index, int length, int split, MediaKind kind = MediaKind.Video, bool transportCc = false)
    {
        var packet = new byte[40 + length];
        var writer = new RtpHeaderWriter(packet, false, 96, new SequenceNumber((ushort)index), new RtpTimestamp(1), new Ssrc(ssrc));
        if (transportCc) writer.AddExtension(3, [0, 0, 0, 0]);
        int header = writer.Finish();
        for (int i = 0; i < length; i++) packet[header + i] = (byte)(index + (ulong)i);
        split = Math.Min(split, length);
        packet.AsSpan(header + split, length - split).CopyTo(_payloads.Slice(_payloadEnd, length - split));
        transport.Routed.SendRtp(new OutgoingRtp
        {
            Own = packet.AsSpan(0, header + split),
            HeaderLength = header,
            TransportCcAt = transportCc ? 16 : 0,
            Payload = _payloads.Pointer + _payloadEnd,
            PayloadLength = length - split,
            Ssrc = new Ssrc(ssrc),
            Index = index,
            Kind = kind,
        });
        _payloadEnd += length - split;
        return packet[..(header + length)];
    }

    private static byte[] SendRtcp(ParticipantTransport transport, int length)
    {
        var compound = new byte[Math.Max(8, length / 4 * 4)];
        Array.Fill(compound, (byte)length);
        compound[0] = 0x80;
        compound[1] = 201;
        transport.Routed.SendRtcp(compound);
        return compound;
    }

    private static List<(uint Ssrc, byte[] Bytes)> Decrypt(RecordingSink sink, TransportAddress to, SrtpReceiver client)
    {
        List<(uint, byte[])> plain = [];
        foreach ((TransportAddress receiver, byte[][] datagrams, _) in sink.Messages)
        {
            if (receiver != to) continue;
            foreach (byte[] bytes in to.Protocol == TransportProtocol.Tcp ? datagrams.SelectMany(Unframe) : datagrams) plain.Add(Decrypt(bytes, client));
        }

        return plain;
    }

    private static (uint Ssrc, byte[] Bytes) Decrypt(byte[] datagram, SrtpReceiver client)
    {
        int length;
        if (Demultiplexer.Classify(datagram) == DatagramKind.Rtcp)
        {
            Assert.Equal(DropReason.None, client.UnprotectRtcp(datagram, datagram, out length));
            return (0, datagram[..length]);
        }

        Assert.Equal(DropReason.None, RtpHeader.Parse(datagram, out RtpHeader header));
        Assert.Equal(DropReason.None, client.Unprotect(datagram, header, datagram, out length));
        return (header.Ssrc.Value, datagram[..length]);
    }

    private static IEnumerable<byte[]> Unframe(byte[] stream)
    {
        for (int at = 0; at < stream.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(stream.AsSpan(at));
            yield return stream[(at + 2)..(at + 2 + length)];
            at += 2 + length;
        }
    }
}
