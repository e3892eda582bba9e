using Sfu.Media.Ice;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>A kernel of the test's making: takes, blocks or refuses messages by a script, and cuts merged ones apart as UDP_SEGMENT does.</summary>
internal sealed unsafe class ScriptedSender : IMessageSender
{
    /// <summary>Says what happens to a message: 0 takes it, an errno ends the call there.</summary>
    internal delegate int Verdict(in TransportAddress to, int length, int segmentLength);

    /// <summary>Asked for each message.</summary>
    internal Verdict OnMessage { get; set; } = static (in _, _, _) => 0;

    /// <summary>Datagrams that left, in order.</summary>
    internal List<(TransportAddress To, byte[] Bytes)> Sent { get; } = [];

    /// <summary>Segments of each message that left, in order.</summary>
    internal List<int> Runs { get; } = [];

    /// <inheritdoc/>
    public int Send(MMsgHdr* messages, int count, out int error)
    {
        error = 0;
        for (int i = 0; i < count; i++)
        {
            ref MsgHdr header = ref messages[i].Header;
            TransportAddress to = SocketAddresses.Read((byte*)header.Name);
            var vector = (IoVec*)header.IoVec;
            int length = (int)vector->Length;
            int segment = SegmentOf(header, length);
            error = OnMessage(to, length, segment);
            if (error != 0) return i == 0 ? -1 : i;
            Take(to, new ReadOnlySpan<byte>((void*)vector->Base, length), segment);
        }

        error = 0;
        return count;
    }

    private static int SegmentOf(in MsgHdr header, int length)
    {
        if (header.ControlLength == 0) return length;
        var control = (CMsgHdr*)header.Control;
        Assert.Equal((LibCConstants.SolUdp, LibCConstants.UdpSegment), (control->Level, control->Type));
        return *(ushort*)(control + 1);
    }

    private void Take(in TransportAddress to, ReadOnlySpan<byte> bytes, int segment)
    {
        int segments = (bytes.Length + segment - 1) / segment;
        Assert.InRange(segments, 1, 64);
        Runs.Add(segments);
        for (; bytes.Length > 0; bytes = bytes[Math.Min(segment, bytes.Length)..])
            Sent.Add((to, bytes[..Math.Min(segment, bytes.Length)].ToArray()));
    }
}
