using System.Net;
using CsCheck;
using Sfu.Media;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>UDP_GRO over real loopback sockets: a run that was sent as one message comes as one datagram, with the length of its parts.</summary>
public sealed class MergedReceiveTests : IDisposable
{
    private readonly UdpEndpoint _sender = new(IPAddress.Loopback, 0, SegmentationMode.Auto);
    private readonly UdpEndpoint _receiver = new(IPAddress.Loopback, 0, SegmentationMode.Off, SegmentationMode.Auto);
    private readonly Epoll _epoll = new();

    public MergedReceiveTests() => _epoll.Add(_receiver.Socket, LibCConstants.EpollIn, 1);

    public void Dispose()
    {
        _epoll.Dispose();
        _receiver.Dispose();
        _sender.Dispose();
    }

    [Theory]
    [InlineData(1200, 8, 0)]
    [InlineData(1200, 54, 0)]                              // as long as a datagram can be
    [InlineData(100, 63, 37)]
    [InlineData(1, 64, 0)]
    public void Receive_ARunSentAsOneMessage_GivesItsParts(int part, int parts, int tail)
    {
        byte[] bytes = Send(part * parts + tail, part);

        int at = 0, messages = 0;
        while (at < bytes.Length)
        {
            Assert.True(_epoll.WaitThroughSignals(10_000) > 0);
            int count = _receiver.Receive();
            messages += count;
            for (int i = 0; i < count; i++)
            {
                Span<byte> datagram = _receiver.Incoming.Datagram(i);
                Assert.Equal(_sender.Local.Port, _receiver.Incoming.From(i).Port);
                Assert.Equal(datagram.Length > part ? part : 0, _receiver.Incoming.PartLength(i));
                Assert.True(datagram.SequenceEqual(bytes.AsSpan(at, datagram.Length)));
                at += datagram.Length;
            }
        }

        bool merges = _receiver.TakesMerged && _sender.Outgoing.Segmentation.IsEnabled;
        Assert.Equal(merges ? 1 : parts + (tail > 0 ? 1 : 0), messages);
    }

    [Fact]
    public void Receive_DatagramsSentOneByOne_ComeOneByOne()
    {
        for (int i = 0; i < 40; i++) Send(1000 + i, 0);
        var lengths = new List<int>();
        while (lengths.Count < 40)
        {
            Assert.True(_epoll.WaitThroughSignals(10_000) > 0);
            int count = _receiver.Receive();
            Assert.InRange(count, 1, _receiver.Incoming.Capacity);
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(0, _receiver.Incoming.PartLength(i));
                lengths.Add(_receiver.Incoming.Datagram(i).Length);
            }
        }

        Assert.Equal(Enumerable.Range(1000, 40), lengths);
    }

    [Fact]
    public void Receive_NotAskedFor_GivesTheDatagramsOfARun()
    {
        using var plain = new UdpEndpoint(IPAddress.Loopback, 0, SegmentationMode.Off);
        using var epoll = new Epoll();
        epoll.Add(plain.Socket, LibCConstants.EpollIn, 1);
        Send(800, 100, plain);
        int received = 0;
        while (received < 8)
        {
            Assert.True(epoll.WaitThroughSignals(10_000) > 0);
            int count = plain.Receive();
            for (int i = 0; i < count; i++) Assert.Equal((100, 0), (plain.Incoming.Datagram(i).Length, plain.Incoming.PartLength(i)));
            received += count;
        }

        Assert.False(plain.TakesMerged);
        Assert.Equal(64, plain.Incoming.Capacity);
    }

    [Theory]
    [InlineData(1000, 100, DropReason.None)]
    [InlineData(1000, 1000, DropReason.None)]
    [InlineData(6400, 100, DropReason.None)]
    [InlineData(6401, 100, DropReason.TooLong)]
    [InlineData(1000, 1, DropReason.TooLong)]
    [InlineData(1000, 0, DropReason.Truncated)]
    [InlineData(1000, -1, DropReason.Truncated)]
    [InlineData(1000, 1001, DropReason.Truncated)]
    [InlineData(0, 100, DropReason.Truncated)]
    [InlineData(1000, int.MinValue, DropReason.Truncated)]
    [InlineData(65_535, int.MaxValue, DropReason.Truncated)]
    public void Check_AnyLengths_AllowsOneToSixtyFourParts(int length, int part, DropReason expected) =>
        Assert.Equal(expected, MergedDatagram.Check(length, part));

    [Fact]
    public void Check_AnyNumbers_NeverAllowsMoreThanSixtyFourParts() =>
        Gen.Select(Gen.Int, Gen.Int).Sample((length, part) =>
        {
            if (MergedDatagram.Check(length, part) != DropReason.None) return;
            Assert.InRange((length + (long)part - 1) / part, 1, MergedDatagram.MaxParts);
        });

    private byte[] Send(int length, int part, UdpEndpoint? to = null)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        bytes.CopyTo(_sender.Outgoing.Reserve(length));
        _sender.Outgoing.Commit((to ?? _receiver).Local, length, part, isVideo: false);
        _sender.Outgoing.Flush(MediaTime.Zero);
        return bytes;
    }
}
