using Sfu.Media;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Pipes;

/// <summary>A connected client that keeps what it is sent, decrypted.</summary>
internal sealed class PipedClient(WorkerCore core, RoomId room, TransportId id, MediaTime now)
{
    private readonly Dictionary<uint, ulong> _indices = [];

    public VirtualClient Virtual { get; } = new(core, room, id, VirtualClient.ServerCertificate.Fingerprint, SrtpProfile.AeadAes128Gcm, now);

    public List<ReceivedRtp> Rtp { get; } = [];

    public List<byte[]> Rtcp { get; } = [];

    public List<ReceivedRtp> On(uint ssrc) => Rtp.FindAll(packet => packet.Header.Ssrc.Value == ssrc);

    public void SendRtp(MediaTime now, byte[] packet)
    {
        Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));
        ulong last = _indices.GetValueOrDefault(header.Ssrc.Value, header.SequenceNumber.Value);
        ulong index = last + (ulong)(short)(header.SequenceNumber.Value - (ushort)last);
        _indices[header.Ssrc.Value] = Math.Max(last, index);
        Virtual.SendRtp(now, packet, index);
    }

    public void OnDatagram(MediaTime now, Span<byte> datagram)
    {
        if (datagram[0] is < 128 or > 191)
        {
            Virtual.OnDatagram(now, datagram);
        }
        else if (datagram[1] is >= 192 and <= 223)
        {
            Assert.Equal(DropReason.None, Virtual.Receiver.UnprotectRtcp(datagram, datagram, out int length));
            Rtcp.Add(datagram[..length].ToArray());
        }
        else
        {
            Assert.Equal(DropReason.None, RtpHeader.Parse(datagram, out RtpHeader header));
            Assert.Equal(DropReason.None, Virtual.Receiver.Unprotect(datagram, header, datagram, out int length));
            Rtp.Add(new ReceivedRtp(now, datagram[..length].ToArray(), header));
        }
    }

    /// <summary>How many RTCP packets of a kind came.</summary>
    public int Count(RtcpKind kind)
    {
        int count = 0;
        foreach (byte[] compound in Rtcp)
        {
            Assert.Equal(DropReason.None, RtcpReader.Open(compound, out RtcpReader reader));
            while (reader.MoveNext(out RtcpPacket packet))
                if (packet.Kind == kind) count++;
        }

        return count;
    }
}

/// <summary>One packet as a client got it.</summary>
internal sealed record ReceivedRtp(MediaTime At, byte[] Bytes, RtpHeader Header)
{
    public ReadOnlySpan<byte> Payload => Bytes.AsSpan(Header.PayloadAt);
}
