using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>ICE-TCP with real sockets on loopback; the time is the test's.</summary>
public sealed class TcpEndpointTests : IDisposable
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(500);
    private readonly Epoll _epoll = new();
    private readonly FakeTcpOwner _owner = new();
    private readonly TcpEndpoint _endpoint;
    private readonly List<Socket> _clients = [];
    private readonly MediaTime _now = Start;

    public TcpEndpointTests() => _endpoint = new TcpEndpoint(_epoll, _owner, IPAddress.IPv6Any, 0);

    public void Dispose()
    {
        foreach (Socket client in _clients) client.Dispose();
        foreach ((FileDescriptor socket, _, _, _) in _owner.HandedOver) socket.Dispose();
        _endpoint.Dispose();
        _epoll.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Frames_FromAClient_ArriveWithItsAddress(string address)
    {
        Socket client = Connect(IPAddress.Parse(address));
        client.Send(Stream([FakeTcpOwner.ForHere, 7], [8], new byte[1500]));

        PollUntil(() => _owner.Frames.Count == 3);

        Assert.Equal([2, 1, 1500], _owner.Frames.Select(frame => frame.Bytes.Length));
        TransportAddress from = _owner.Frames[0].From;
        Assert.Equal(TransportProtocol.Tcp, from.Protocol);
        Assert.Equal(client.LocalEndPoint, from.ToEndPoint());
        Assert.NotEqual(0, from.Connection);
        Assert.Equal(1, _endpoint.Count);
    }

    [Fact]
    public void Stream_SplitAtEveryByte_GivesTheSameFrames()
    {
        byte[] stream = Stream([FakeTcpOwner.ForHere, 2, 3], [], [4, 5], [6]);
        for (int cut = 1; cut < stream.Length; cut++)
        {
            _owner.Frames.Clear();
            using Socket client = Connect(IPAddress.Loopback);
            client.Send(stream.AsSpan(0, cut));
            PollUntil(() => _endpoint.Count == 1);
            Poll();
            client.Send(stream.AsSpan(cut));
            PollUntil(() => _owner.Frames.Count == 3);

            Assert.Equal([[FakeTcpOwner.ForHere, 2, 3], [4, 5], [6]], _owner.Frames.Select(frame => frame.Bytes));
            client.Dispose();
            PollUntil(() => _endpoint.Count == 0);
        }
    }

    [Fact]
    public void Queue_Frames_ReachTheClientInOrder()
    {
        Socket client = ConnectAndPlace(out int number);

        using var bytes = new NativeBlock(400);
        SendFrames(bytes, number, [10, 20, 30]);

        Assert.Equal(Stream(Filled(10), Filled(20), Filled(30)), ReceiveExactly(client, 66));
    }

    [Fact]
    public void Flush_SeveralMessagesForEachConnection_TakesOneCallEach()
    {
        Socket one = ConnectAndPlace(out int first), two = ConnectAndPlace(out int second);
        using var bytes = new NativeBlock(400);
        Stream(Filled(10)).CopyTo(bytes.Slice(0, 12));
        foreach (int number in new[] { first, second, first, second, second })
            unsafe { _endpoint.Queue(number, bytes.Pointer, 12); }
        _endpoint.Flush(_now);

        Assert.Equal(2, _endpoint.SendCalls);
        Assert.Equal(24, ReceiveExactly(one, 24).Length);
        Assert.Equal(36, ReceiveExactly(two, 36).Length);
    }

    [Fact]
    public void Queue_ClientDoesNotRead_HoldsUpToTheLimitThenDropsWholeFrames()
    {
        Socket client = ConnectAndPlace(out int number);
        using var bytes = new NativeBlock(1002);
        int sent = 0;
        while (_endpoint.DroppedFrames < 50 && sent < 100_000)
        {
            SendFrames(bytes, number, [1000]);
            sent++;
        }

        Assert.Equal(50, _endpoint.DroppedFrames);
        Assert.True(_endpoint.IsCongested(_now, number));

        // What was not dropped arrives whole and in step.
        long expected = (sent - _endpoint.DroppedFrames) * 1002L;
        byte[] frame = Stream(Filled(1000));
        long received = 0;
        var buffer = new byte[1002];
        while (received < expected)
        {
            int have = 0;
            while (have < 1002)
            {
                Poll();                                    // writable again: the endpoint goes on
                if (client.Poll(10_000, SelectMode.SelectRead)) have += client.Receive(buffer, have, 1002 - have, SocketFlags.None);
            }

            Assert.True(frame.AsSpan().SequenceEqual(buffer));
            received += 1002;
        }

        Assert.False(_endpoint.IsCongested(_now, number));
        Assert.Equal(0, client.Available);
    }

    [Fact]
    public void IsCongested_QueueOlderThanHalfASecond_IsTrue()
    {
        ConnectAndPlace(out int number);
        using var bytes = new NativeBlock(60_000);
        while (!_endpoint.IsCongested(_now + TimeSpan.FromSeconds(1), number)) SendFrames(bytes, number, [50_000]);

        Assert.False(_endpoint.IsCongested(_now + TimeSpan.FromMilliseconds(500), number));
    }

    [Fact]
    public void FirstFrame_ForNobody_ClosesUnanswered()
    {
        Socket client = Connect(IPAddress.Loopback);
        client.Send(Stream([99, 1, 2, 3]));

        PollUntil(() => _endpoint.Refused == 1);

        Assert.Equal(0, client.Receive(new byte[10]));     // end of stream, not one byte
        Assert.Equal(0, _endpoint.Count);
        Assert.Empty(_owner.Frames);
    }

    [Fact]
    public void Frame_LongerThanAny_ClosesTheConnection()
    {
        Socket client = ConnectAndPlace(out _);
        client.Send([0xFF, 0xFF, 1, 2, 3]);

        PollUntil(() => _endpoint.Count == 0);
        AssertEnds(client);
    }

    [Fact]
    public void FirstFrame_ForAnotherWorker_HandsTheSocketOverWithAllThatWasRead()
    {
        Socket client = Connect(IPAddress.Loopback);
        client.Send([.. Stream([FakeTcpOwner.ForElsewhere, 5], [1, 2, 3]), 0, 9, 4]);

        PollUntil(() => _owner.HandedOver.Count == 1);

        (FileDescriptor socket, TransportAddress remote, byte[] firstFrame, byte[] rest) = _owner.HandedOver[0];
        Assert.Equal([FakeTcpOwner.ForElsewhere, 5], firstFrame);
        Assert.Equal([0, 3, 1, 2, 3, 0, 9, 4], rest);
        Assert.Equal(client.LocalEndPoint, remote.ToEndPoint());
        Assert.Equal(0, _endpoint.Count);
        Assert.False(socket.IsClosed);
    }

    [Fact]
    public void Adopt_AHandedOverSocket_GoesOnWhereTheStreamWas()
    {
        Socket client = Connect(IPAddress.Loopback);
        client.Send([.. Stream([FakeTcpOwner.ForElsewhere, 5], [1, 2, 3]), 0, 2, 4]);
        PollUntil(() => _owner.HandedOver.Count == 1);
        (FileDescriptor socket, TransportAddress remote, _, byte[] rest) = _owner.HandedOver[0];
        using var epoll = new Epoll();
        var owner = new FakeTcpOwner();
        using var other = new TcpEndpoint(epoll, owner, IPAddress.IPv6Any, -1);

        other.Adopt(_now, socket, remote, [.. Stream([FakeTcpOwner.ForHere, 5]), .. rest]);
        client.Send([5]);
        Assert.Equal(1, epoll.WaitThroughSignals(10_000));
        uint events = epoll.Ready(0, out long token);
        other.OnReady(_now, token, events);

        Assert.Equal([[FakeTcpOwner.ForHere, 5], [1, 2, 3], [4, 5]], owner.Frames.Select(frame => frame.Bytes));
        Assert.Equal(0, other.Port);
        _owner.HandedOver.Clear();
    }

    [Fact]
    public void SlowStranger_AfterTenSeconds_IsClosed()
    {
        Socket slow = Connect(IPAddress.Loopback);
        Socket placed = Connect(IPAddress.Loopback);
        slow.Send([0]);                                    // half a length
        placed.Send(Stream([FakeTcpOwner.ForHere]));       // placed, but no valid check ever came
        PollUntil(() => _endpoint.Count == 2 && _owner.Frames.Count == 1);
        Assert.Equal(Start + TimeSpan.FromSeconds(10), _endpoint.NextDeadline);

        _endpoint.OnDeadline(Start + TimeSpan.FromSeconds(9.9));
        Assert.Equal(2, _endpoint.Count);
        _endpoint.OnDeadline(Start + TimeSpan.FromSeconds(10));

        Assert.Equal(0, _endpoint.Count);
        Assert.Equal(2, _endpoint.Refused);
        AssertEnds(slow);
        AssertEnds(placed);
        Assert.Equal(MediaTime.Never, _endpoint.NextDeadline);
    }

    [Fact]
    public void AuthenticatedConnection_AfterTenSeconds_Stays()
    {
        ConnectAndPlace(out int number);
        _endpoint.OnAuthenticated(number);

        _endpoint.OnDeadline(Start + TimeSpan.FromMinutes(10));

        Assert.Equal(1, _endpoint.Count);
        Assert.Equal(MediaTime.Never, _endpoint.NextDeadline);
    }

    [Fact]
    public void Accept_MoreStrangersThanAllowedFromOneAddress_RefusesTheRest()
    {
        for (int i = 0; i < 110; i++) Connect(IPAddress.Loopback);

        PollUntil(() => _endpoint.Count + _endpoint.Refused == 110);

        Assert.Equal((100, 10), (_endpoint.Count, _endpoint.Refused));
    }

    [Fact]
    public void Accept_StrangersThatComeAndGo_LeaveNoState()
    {
        // One stranger that waits must not make those behind it pile up: each costs a place for as long as it lives, no longer.
        Connect(IPAddress.Loopback);
        PollUntil(() => _endpoint.Count == 1);
        for (int i = 1; i <= 3000; i++)
        {
            using Socket client = Connect(IPAddress.Loopback);
            client.Send(Stream([99]));
            int expected = i;
            PollUntil(() => _endpoint.Refused == expected);
        }

        Assert.InRange(_endpoint.RememberedStrangers, 1, 1024);
    }

    [Fact]
    public void Adopt_MoreStrangersThanAllowedFromOneAddress_RefusesTheRest()
    {
        // Whoever knows one user name fragment could else take every place of the worker that serves it.
        using var epoll = new Epoll();
        using var other = new TcpEndpoint(epoll, new FakeTcpOwner(), IPAddress.IPv6Any, -1);
        for (int i = 0; i < 110; i++)
        {
            using Socket client = Connect(IPAddress.Loopback);
            client.Send(Stream([FakeTcpOwner.ForElsewhere]));
            PollUntil(() => _owner.HandedOver.Count == 1);
            other.Adopt(_now, _owner.HandedOver[0].Socket, _owner.HandedOver[0].Remote, Stream([FakeTcpOwner.ForHere]));
            _owner.HandedOver.Clear();
        }

        Assert.Equal((100, 10), (other.Count, other.Refused));
    }

    [Fact]
    public void Close_WhileItsFrameIsDelivered_LeavesTheFrameReadable()
    {
        List<NativeBlock> blocks = [];
        _owner.WhileDelivering = from =>
        {
            _endpoint.Close(from.Connection);
            for (int i = 0; i < 8; i++) blocks.Add(new NativeBlock(16 * 1024));     // would get the connection's buffer, zeroed
        };
        Socket client = Connect(IPAddress.Loopback);
        client.Send(Stream([FakeTcpOwner.ForHere, 42, 43], [44]));

        PollUntil(() => _owner.Frames.Count > 0);

        Assert.Equal([[FakeTcpOwner.ForHere, 42, 43]], _owner.Frames.Select(frame => frame.Bytes));
        Assert.Equal(0, _endpoint.Count);
        AssertEnds(client);
        foreach (NativeBlock block in blocks) block.Dispose();
    }

    [Fact]
    public void Close_NumberOfAnEarlierConnection_LeavesItsSuccessorAlone()
    {
        ConnectAndPlace(out int first);
        _endpoint.Close(first);
        ConnectAndPlace(out int second);

        _endpoint.Close(first);

        Assert.NotEqual(first, second);
        Assert.Equal(1, _endpoint.Count);
    }

    [Fact]
    public void Flush_ClientHasGone_ClosesAndCounts()
    {
        Socket client = ConnectAndPlace(out int number);
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();                                  // a reset
        PollUntil(() => _endpoint.Count == 0);
        using var bytes = new NativeBlock(100);

        SendFrames(bytes, number, [10]);

        Assert.Equal(1, _endpoint.DroppedFrames);
    }

    private Socket Connect(IPAddress address)
    {
        var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000, SendTimeout = 10_000 };
        client.Connect(address, _endpoint.Port);
        _clients.Add(client);
        return client;
    }

    private Socket ConnectAndPlace(out int number)
    {
        int before = _owner.Frames.Count;
        Socket client = Connect(IPAddress.Loopback);
        client.Send(Stream([FakeTcpOwner.ForHere]));
        PollUntil(() => _owner.Frames.Count == before + 1);
        number = _owner.Frames[^1].From.Connection;
        return client;
    }

    private void Poll(int timeoutMilliseconds = 0)
    {
        int ready = _epoll.Wait(timeoutMilliseconds);
        for (int i = 0; i < ready; i++)
        {
            uint events = _epoll.Ready(i, out long token);
            if (token == TcpEndpoint.ListenerToken) _endpoint.OnListenerReady(_now);
            else _endpoint.OnReady(_now, token, events);
        }
    }

    private void PollUntil(Func<bool> condition)
    {
        long until = Environment.TickCount64 + 10_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < until, "the condition did not come true in ten seconds");
            Poll(timeoutMilliseconds: 10);
        }
    }

    private unsafe void SendFrames(NativeBlock bytes, int number, int[] lengths)
    {
        int at = 0;
        foreach (int length in lengths)
        {
            byte[] frame = Stream(Filled(length));
            frame.CopyTo(bytes.Slice(at, frame.Length));
            _endpoint.Queue(number, bytes.Pointer + at, frame.Length);
            at += frame.Length;
        }

        _endpoint.Flush(_now);
    }

    private static byte[] Filled(int length)
    {
        var frame = new byte[length];
        Array.Fill(frame, (byte)length);
        return frame;
    }

    private static byte[] Stream(params byte[][] frames)
    {
        List<byte> stream = [];
        Span<byte> prefix = stackalloc byte[2];
        foreach (byte[] frame in frames)
        {
            BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)frame.Length);
            stream.AddRange(prefix);
            stream.AddRange(frame);
        }

        return [.. stream];
    }

    private static byte[] ReceiveExactly(Socket client, int length)
    {
        var bytes = new byte[length];
        for (int have = 0; have < length;)
        {
            int count = client.Receive(bytes, have, length - have, SocketFlags.None);
            Assert.NotEqual(0, count);
            have += count;
        }

        return bytes;
    }

    private static void AssertEnds(Socket client)
    {
        try
        {
            Assert.Equal(0, client.Receive(new byte[10]));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed with unread bytes: also an end.
        }
    }
}
