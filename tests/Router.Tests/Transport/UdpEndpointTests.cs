using System.Net;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>The worker's UDP socket with real clients on loopback.</summary>
public sealed class UdpEndpointTests
{
    private static readonly MediaTime Now = MediaTime.FromSeconds(1);

    [Fact]
    public void DualStackSocket_ClientsOfBothFamilies_GetTheirAnswers()
    {
        using var endpoint = new UdpEndpoint(IPAddress.IPv6Any, 0, SegmentationMode.Auto);
        using var epoll = Watch(endpoint);
        using var v4 = new LoopbackSocket(IPAddress.Loopback);
        using var v6 = new LoopbackSocket(IPAddress.IPv6Loopback);
        v4.Send(endpoint.Local.Port, [4]);
        v6.Send(endpoint.Local.Port, [6]);

        for (int answered = 0; answered < 2;)
        {
            Assert.True(epoll.WaitThroughSignals(10_000) > 0);
            int count = endpoint.Receive();
            for (int i = 0; i < count; i++, answered++) Send(endpoint, endpoint.Incoming.From(i), [[endpoint.Incoming.Datagram(i)[0], 1]]);
            endpoint.Outgoing.Flush(Now);
        }

        Assert.Equal([4, 1], v4.Receive());
        Assert.Equal([6, 1], v6.Receive());
        Assert.Equal(2, endpoint.Outgoing.Datagrams);
    }

    [Theory]
    [InlineData("::", "127.0.0.1")]
    [InlineData("::", "::1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public void ReceiveFeedback_TransportCc_ComesApartFromEverythingElse(string bound, string address)
    {
        using var endpoint = new UdpEndpoint(IPAddress.Parse(bound), 0, SegmentationMode.Auto);
        using var client = new LoopbackSocket(IPAddress.Parse(address));
        byte[][] others = [[0x80, 96, 1], [0x81, 205, 2], [0x8F, 206, 3], [0x8F], [0, 1, 4], [22, 254, 5], [0x81, 201, 6], [0xCF, 205, 7]];
        byte[][] feedback = [[0x8F, 205, 1], [0xAF, 205, 2]];            // without and with padding
        foreach (byte[] datagram in others.Concat(feedback)) client.Send(endpoint.Local.Port, datagram);

        Assert.NotNull(endpoint.Feedback);
        Assert.Equal(others, Take(endpoint.Receive(), endpoint.Incoming));
        Assert.Equal(feedback, Take(endpoint.ReceiveFeedback(), endpoint.Feedback));
    }

    [Fact]
    public void Open_PortOfAnotherEndpoint_IsRefused()
    {
        using var endpoint = new UdpEndpoint(IPAddress.Loopback, 0, SegmentationMode.Auto);
        Assert.NotNull(endpoint.Feedback);                     // so its sockets would share

        IOException error = Assert.Throws<IOException>(() => new UdpEndpoint(IPAddress.Loopback, endpoint.Local.Port, SegmentationMode.Auto));

        Assert.Equal(Errno.AddrInUse, error.HResult);
    }

    [Fact]
    public void TryOpen_SecondSocketRefused_LeavesTheFirstAsItWas()
    {
        using FileDescriptor first = SocketFactory.OpenUdp(IPAddress.Loopback, 0, out _);
        int port = SocketAddresses.Local(first).Port;

        Assert.Null(PortSplit.TryOpen(first, () => throw new IOException("refused")));

        Assert.Equal(0, SocketFactory.Get(first, LibCConstants.SolSocket, LibCConstants.SoReusePort));
        Assert.Throws<IOException>(() => SocketFactory.OpenUdp(IPAddress.Loopback, port, out _, shares: true));
    }

    [Theory]
    [InlineData("127.0.0.1", LibCConstants.AfInet)]
    [InlineData("0.0.0.0", LibCConstants.AfInet)]
    [InlineData("::", LibCConstants.AfInet6)]
    public void OpenUdp_Address_GetsASocketOfItsFamily(string address, int family)
    {
        using FileDescriptor socket = SocketFactory.OpenUdp(IPAddress.Parse(address), 0, out int opened);

        Assert.Equal(family, opened);
    }

    [Fact]
    public void IPv4Address_Bound_ServesIPv4Clients()
    {
        using var endpoint = new UdpEndpoint(IPAddress.Loopback, 0, SegmentationMode.Auto);
        using var client = new LoopbackSocket(IPAddress.Loopback);

        Send(endpoint, client.Address, [[1, 2, 3]]);
        endpoint.Outgoing.Flush(Now);

        Assert.Equal([1, 2, 3], client.Receive());
        Assert.True(endpoint.Local.IsIPv4);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Run_WhereTheProbeAllowsIt_ArrivesAsItsDatagrams(string address)
    {
        using var endpoint = new UdpEndpoint(IPAddress.IPv6Any, 0, SegmentationMode.Auto);
        using var client = new LoopbackSocket(IPAddress.Parse(address));
        byte[][] run = [.. Enumerable.Range(0, 20).Select(i => Datagram(i, 1100)), Datagram(20, 300)];

        Send(endpoint, client.Address, run);
        endpoint.Outgoing.Flush(Now);

        AssertArrive(client, run);
        Assert.Equal(SegmentationProbe.Run(), endpoint.Outgoing.Segmentation.IsEnabled);
        Assert.Equal(0, endpoint.Outgoing.Segmentation.Refusals);
        if (endpoint.Outgoing.Segmentation.IsEnabled) Assert.Equal(1, endpoint.Outgoing.Calls);
    }

    [Fact]
    public void Run_KernelRefusesToCut_ArrivesAsItsDatagramsAllTheSame()
    {
        using var endpoint = new UdpEndpoint(IPAddress.IPv6Any, 0, SegmentationMode.Auto);
        endpoint.RefuseSegmentationForTest();
        using var client = new LoopbackSocket(IPAddress.Loopback);
        byte[][] run = [.. Enumerable.Range(0, 64).Select(i => Datagram(i, 900))];

        Send(endpoint, client.Address, run);
        endpoint.Outgoing.Flush(Now);

        AssertArrive(client, run);
        if (SegmentationProbe.Run()) Assert.Equal(1, endpoint.Outgoing.Segmentation.Refusals);
        Assert.Equal((64, 0, 0), (endpoint.Outgoing.Datagrams, endpoint.Outgoing.Failed, endpoint.Outgoing.Dropped));
    }

    [Fact]
    public void Run_SegmentationOff_ArrivesAsItsDatagrams()
    {
        using var endpoint = new UdpEndpoint(IPAddress.IPv6Any, 0, SegmentationMode.Off);
        using var client = new LoopbackSocket(IPAddress.Loopback);
        byte[][] run = [.. Enumerable.Range(0, 5).Select(i => Datagram(i, 900))];

        Send(endpoint, client.Address, run);
        endpoint.Outgoing.Flush(Now);

        AssertArrive(client, run);
        Assert.False(endpoint.Outgoing.Segmentation.IsEnabled);
    }

    [Fact]
    public void Flush_ReceiverWithoutARoute_LosesItsDatagramAlone()
    {
        using var endpoint = new UdpEndpoint(IPAddress.IPv6Any, 0, SegmentationMode.Auto);
        using var client = new LoopbackSocket(IPAddress.Loopback);

        Send(endpoint, client.Address, [[1]]);
        Send(endpoint, TransportAddress.FromIPv4(0xF000_0001, 9), [[2]]);    // 240.0.0.1: class E, unreachable or invalid
        Send(endpoint, TransportAddress.FromIPv4(0, 0), [[2]]);              // port 0: EINVAL
        Send(endpoint, client.Address, [[3]]);
        endpoint.Outgoing.Flush(Now);

        Assert.Equal([1], client.Receive());
        Assert.Equal([3], client.Receive());
        Assert.InRange(endpoint.Outgoing.Failed, 1, 2);
    }

    [Fact]
    public void Constructor_PortInUse_ThrowsASentenceThatNamesIt()
    {
        using var endpoint = new UdpEndpoint(IPAddress.IPv6Any, 0, SegmentationMode.Off);

        IOException error = Assert.Throws<IOException>(() => new UdpEndpoint(IPAddress.IPv6Any, endpoint.Local.Port, SegmentationMode.Off));

        Assert.Contains($":{endpoint.Local.Port}", error.Message, StringComparison.Ordinal);
    }

    private static Epoll Watch(UdpEndpoint endpoint)
    {
        var epoll = new Epoll();
        epoll.Add(endpoint.Socket, LibCConstants.EpollIn, 1);
        return epoll;
    }

    private static void Send(UdpEndpoint endpoint, in TransportAddress to, byte[][] datagrams)
    {
        int total = datagrams.Sum(datagram => datagram.Length);
        Span<byte> room = endpoint.Outgoing.Reserve(total);
        int at = 0;
        foreach (byte[] datagram in datagrams)
        {
            datagram.CopyTo(room[at..]);
            at += datagram.Length;
        }

        endpoint.Outgoing.Commit(to, total, datagrams.Length > 1 ? datagrams[0].Length : 0, isVideo: false);
    }

    private static byte[] Datagram(int number, int length)
    {
        var datagram = new byte[length];
        Array.Fill(datagram, (byte)number);
        return datagram;
    }

    private static void AssertArrive(LoopbackSocket client, byte[][] datagrams)
    {
        foreach (byte[] datagram in datagrams) Assert.True(datagram.AsSpan().SequenceEqual(client.Receive()));
        Assert.False(client.HasMore);
    }

    private static byte[][] Take(int count, ReceiveBatch batch) => [.. Enumerable.Range(0, count).Select(i => batch.Datagram(i).ToArray())];
}
