using System.Net;
using Sfu.Media.Ice;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>recvmmsg over real loopback sockets.</summary>
public sealed class ReceiveBatchTests : IDisposable
{
    private readonly FileDescriptor _socket = SocketFactory.OpenUdp(IPAddress.IPv6Any, 0, out _);
    private readonly ReceiveBatch _batch = new();
    private readonly Epoll _epoll = new();

    public ReceiveBatchTests() => _epoll.Add(_socket, LibCConstants.EpollIn, 1);

    private int Port => SocketAddresses.Local(_socket).Port;

    public void Dispose()
    {
        _epoll.Dispose();
        _batch.Dispose();
        _socket.Dispose();
    }

    [Fact]
    public void Receive_NothingThere_ReturnsZero() => Assert.Equal(0, _batch.Receive(_socket));

    [Fact]
    public void Receive_DatagramsOfBothFamilies_GivesBytesAndSources()
    {
        using var v4 = new LoopbackSocket(IPAddress.Loopback);
        using var v6 = new LoopbackSocket(IPAddress.IPv6Loopback);
        v4.Send(Port, [1, 2, 3]);
        v6.Send(Port, [4, 5]);

        List<(TransportAddress From, byte[] Bytes)> received = ReceiveAll(2);

        Assert.Contains(received, r => r.From == v4.Address && r.Bytes.SequenceEqual(new byte[] { 1, 2, 3 }));
        Assert.Contains(received, r => r.From == v6.Address && r.Bytes.SequenceEqual(new byte[] { 4, 5 }));
        Assert.True(v4.Address.IsIPv4);
    }

    [Fact]
    public void Receive_MoreThanABatch_TakesThemInOrderOverSeveralCalls()
    {
        using var client = new LoopbackSocket(IPAddress.Loopback);
        for (int i = 0; i < 150; i++) client.Send(Port, [(byte)i, (byte)(i ^ 0xFF)]);

        List<(TransportAddress From, byte[] Bytes)> received = ReceiveAll(150);

        Assert.Equal(Enumerable.Range(0, 150), received.Select(r => (int)r.Bytes[0]));
        Assert.All(received, r => Assert.Equal(client.Address, r.From));
    }

    [Fact]
    public void Datagram_LongerThanASlot_IsEmptyAndLeavesItsNeighboursWhole()
    {
        using var client = new LoopbackSocket(IPAddress.Loopback);
        client.Send(Port, [1]);
        client.Send(Port, new byte[3000]);
        client.Send(Port, [2]);

        List<(TransportAddress From, byte[] Bytes)> received = ReceiveAll(3);

        Assert.Equal([[1], [], [2]], received.Select(r => r.Bytes));
    }

    [Fact]
    public void Datagram_AfterALongerOneInTheSameSlot_HasItsOwnLength()
    {
        using var client = new LoopbackSocket(IPAddress.Loopback);
        client.Send(Port, Enumerable.Repeat((byte)7, 1500).ToArray());
        ReceiveAll(1);
        client.Send(Port, [9]);

        Assert.Equal([9], ReceiveAll(1)[0].Bytes);
    }

    [Fact]
    public void KernelDrops_SocketOverrun_CountsWhatWasLost()
    {
        _ = SocketFactory.TrySet(_socket, LibCConstants.SolSocket, LibCConstants.SoReceiveQueueOverflow, 1);
        _ = SocketFactory.TrySet(_socket, LibCConstants.SolSocket, LibCConstants.SoReceiveBuffer, 8192);
        using var client = new LoopbackSocket(IPAddress.Loopback);
        const int sent = 200;
        for (int i = 0; i < sent; i++) client.Send(Port, new byte[1000]);
        int received = 0;
        for (int count; (count = _batch.Receive(_socket)) > 0;) received += count;
        client.Send(Port, [1]);                            // the counter travels with the next datagram
        ReceiveAll(1);

        Assert.InRange(received, 1, sent - 1);
        Assert.Equal((uint)(sent - received), _batch.KernelDrops);
    }

    private List<(TransportAddress From, byte[] Bytes)> ReceiveAll(int expected)
    {
        List<(TransportAddress, byte[])> all = [];
        while (all.Count < expected)
        {
            Assert.True(_epoll.WaitThroughSignals(10_000) > 0, $"{all.Count} of {expected} datagrams came");
            int count = _batch.Receive(_socket);
            for (int i = 0; i < count; i++) all.Add((_batch.From(i), _batch.Datagram(i).ToArray()));
        }

        return all;
    }
}
