using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Router.Rooms;

namespace Sfu.Router.Tests.Rooms;

/// <summary>What one transport is sent; payloads are read only when the turn ends, as the real output does.</summary>
internal sealed unsafe class RecordingOutput
{
    private readonly List<(byte[] Own, int HeaderLength, int TransportCcAt, nint Payload, int Length, Ssrc Ssrc, ulong Index)> _waiting = [];

    public List<SentRtp> Rtp { get; } = [];

    public List<byte[]> Rtcp { get; } = [];

    public void SendRtp(in OutgoingRtp packet) => _waiting.Add(
        (packet.Own.ToArray(), packet.HeaderLength, packet.TransportCcAt, (nint)packet.Payload, packet.PayloadLength, packet.Ssrc, packet.Index));

    public void SendRtcp(ReadOnlySpan<byte> compound) => Rtcp.Add(compound.ToArray());

    public void Drain()
    {
        foreach (var waiting in _waiting)
        {
            byte[] bytes = [.. waiting.Own, .. new ReadOnlySpan<byte>((void*)waiting.Payload, waiting.Length)];
            Assert.Equal(Media.DropReason.None, RtpHeader.Parse(bytes, out RtpHeader header));
            Assert.Equal(waiting.HeaderLength, header.PayloadAt);
            Assert.Equal(waiting.Ssrc, header.Ssrc);
            Assert.Equal((ushort)waiting.Index, header.SequenceNumber.Value);
            Rtp.Add(new SentRtp(bytes, header, waiting.Index, waiting.TransportCcAt));
        }

        _waiting.Clear();
    }

    public List<SentRtp> On(Ssrc ssrc) => Rtp.FindAll(sent => sent.Header.Ssrc == ssrc);

    public int Count(RtcpKind kind)
    {
        int count = 0;
        foreach (byte[] compound in Rtcp)
        {
            Assert.Equal(Media.DropReason.None, RtcpReader.Open(compound, out RtcpReader reader));
            while (reader.MoveNext(out RtcpPacket packet))
                if (packet.Kind == kind) count++;
        }

        return count;
    }

    public void Clear()
    {
        Rtp.Clear();
        Rtcp.Clear();
    }
}

internal sealed record SentRtp(byte[] Bytes, RtpHeader Header, ulong Index, int TransportCcAt)
{
    public ReadOnlySpan<byte> Payload => Bytes.AsSpan(Header.PayloadAt);
}
