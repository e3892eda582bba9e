using System.Net;
using System.Runtime.InteropServices;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>The worker's ICE-TCP connections, and on the first worker the socket that accepts them (RFC 6544 section 4.1, passive).</summary>
/// <remarks>
/// Owned by one media worker thread. A stranger's connection costs one slot and 16 KiB for at most 10 s, within limits for
/// all strangers and for one address; its first frame must be STUN for a user name fragment of this node, else it is closed unanswered.
/// </remarks>
internal sealed unsafe class TcpEndpoint : IDisposable
{
    /// <summary>The epoll token of the listening socket.</summary>
    internal const long ListenerToken = 2;

    /// <summary>Epoll tokens of connections are their numbers plus this.</summary>
    internal const long FirstConnectionToken = 16;

    private const int SlotBits = 12;
    private const int MaxConnections = 1 << SlotBits;
    private const int MaxStrangers = 256;
    private const int MaxStrangersPerAddress = 100;
    private const int MaxGeneration = (1 << (31 - SlotBits)) - 1;
    private const int AcceptsPerTurn = 16;
    private const int Backlog = 256;
    private const int MaxQueued = 512;
    private const int MaxVectors = 32;
    private static readonly TimeSpan StrangerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private readonly Epoll _epoll;
    private readonly ITcpOwner _owner;
    private readonly FileDescriptor? _listener;
    private readonly TcpConnection?[] _connections = new TcpConnection?[MaxConnections];
    private readonly int[] _generations = new int[MaxConnections];
    private readonly Stack<int> _freeSlots = new(MaxConnections);
    private readonly Queue<int> _strangers = new(MaxStrangers);    // numbers, by time of accepting; some have become known or closed
    private readonly Queued[] _queued = new Queued[MaxQueued];
    private int _queuedCount;
    private int _strangerCount;
    private TcpConnection? _delivering;                    // its buffer is being read: it outlives a closing meanwhile
    private MediaTime _acceptAgainAt = MediaTime.Never;

    /// <summary>Opens the listening socket, unless <paramref name="port"/> is negative.</summary>
    /// <exception cref="IOException">The address or port cannot be bound.</exception>
    internal TcpEndpoint(Epoll epoll, ITcpOwner owner, IPAddress address, int port)
    {
        _epoll = epoll;
        _owner = owner;
        for (int slot = MaxConnections - 1; slot >= 0; slot--) _freeSlots.Push(slot);
        if (port < 0) return;
        _listener = SocketFactory.OpenTcpListener(address, port, Backlog, out _);
        Port = SocketAddresses.Local(_listener).Port;
        _epoll.Add(_listener, LibCConstants.EpollIn, ListenerToken);
    }

    /// <summary>The listening port, or 0 when this worker does not listen.</summary>
    internal int Port { get; }

    /// <summary>Connections that live now.</summary>
    internal int Count => MaxConnections - _freeSlots.Count;

    /// <summary>Places in the list of strangers, some of which have become known or closed.</summary>
    internal int RememberedStrangers => _strangers.Count;

    /// <summary>Connections refused or closed because a limit was reached or their first frame was not for us.</summary>
    internal long Refused { get; private set; }

    /// <summary>Frames dropped because a connection's queue was full or gone.</summary>
    internal long DroppedFrames { get; private set; }

    /// <summary>System calls that sent.</summary>
    internal long SendCalls { get; private set; }

    /// <summary>No more messages can be queued before a flush.</summary>
    internal bool IsQueueFull => _queuedCount == MaxQueued;

    /// <summary>When <see cref="OnDeadline"/> wants to be called.</summary>
    internal MediaTime NextDeadline
    {
        get
        {
            DropKnownStrangers();
            MediaTime stranger = _strangers.TryPeek(out int number) ? Find(number)!.AcceptedAt + StrangerTimeout : MediaTime.Never;
            return MediaTime.Min(stranger, _acceptAgainAt);
        }
    }

    /// <summary>The listening socket is readable.</summary>
    internal void OnListenerReady(MediaTime now)
    {
        for (int i = 0; i < AcceptsPerTurn && _listener is not null; i++)
        {
            SockAddr address = default;
            uint length = SockAddr.Size;
            int result = LibC.Accept4(_listener, &address, &length, LibCConstants.SockNonBlock | LibCConstants.SockCloseOnExec);
            if (result >= 0)
            {
                _ = TryAdd(now, new FileDescriptor(result), SocketAddresses.Read((byte*)&address, TransportProtocol.Tcp));
                continue;
            }

            if (Marshal.GetLastSystemError() is Errno.Mfile or Errno.Nfile or Errno.NoBufs or Errno.NoMem) PauseAccepting(now);
            return;
        }
    }

    /// <summary>A connection is readable, writable or broken.</summary>
    /// <param name="now">The turn's time.</param>
    /// <param name="token">Its epoll token.</param>
    /// <param name="events">EPOLL* flags.</param>
    internal void OnReady(MediaTime now, long token, uint events)
    {
        TcpConnection? connection = Find((int)(token - FirstConnectionToken));
        if (connection is null) return;
        if ((events & LibCConstants.EpollOut) != 0)
        {
            SendCalls += connection.IsBlocked ? 1 : 0;
            if (!connection.Flush())
            {
                Close(connection);
                return;
            }

            if (!connection.IsBlocked) Watch(connection, LibCConstants.EpollIn);
        }

        if ((events & ~LibCConstants.EpollOut) == 0) return;
        bool isOpen = connection.Receive();
        if (!Deliver(now, connection) || !isOpen) Close(connection);
    }

    /// <summary>Takes over a connection that another worker accepted, with what it read so far.</summary>
    internal void Adopt(MediaTime now, FileDescriptor socket, in TransportAddress remote, ReadOnlySpan<byte> received)
    {
        TcpConnection? connection = TryAdd(now, socket, remote);
        if (connection is null) return;
        received.CopyTo(connection.Reader.Free);
        connection.Reader.Advance(received.Length);
        if (!Deliver(now, connection)) Close(connection);
    }

    /// <summary>Closes strangers whose time is over and accepts again after a pause.</summary>
    internal void OnDeadline(MediaTime now)
    {
        DropKnownStrangers();
        while (_strangers.TryPeek(out int number) && Find(number)!.AcceptedAt + StrangerTimeout <= now)
        {
            Refused++;
            Close(Find(number)!);
            DropKnownStrangers();
        }

        if (_acceptAgainAt > now || _listener is null) return;
        _acceptAgainAt = MediaTime.Never;
        _epoll.Add(_listener, LibCConstants.EpollIn, ListenerToken);
    }

    /// <summary>Queues whole frames for a connection; the bytes stay in place until <see cref="Flush"/>.</summary>
    internal void Queue(int number, byte* bytes, int length) => _queued[_queuedCount++] = new Queued(number, (nint)bytes, length);

    /// <summary>Sends what is queued: one gathering call per connection and 32 messages.</summary>
    internal void Flush(MediaTime now)
    {
        for (int i = 0; i < _queuedCount; i++)
            if (_queued[i].Number != 0) SendAll(now, i);
        _queuedCount = 0;
    }

    /// <summary>True when video for a connection is to be dropped.</summary>
    internal bool IsCongested(MediaTime now, int number) => Find(number) is { } connection && connection.IsCongested(now);

    /// <summary>A valid check came over the connection.</summary>
    internal void OnAuthenticated(int number)
    {
        if (Find(number) is not { IsAuthenticated: false } connection) return;
        connection.IsAuthenticated = true;
        _strangerCount--;
    }

    /// <summary>Closes a connection; no effect when it is gone.</summary>
    internal void Close(int number)
    {
        if (Find(number) is { } connection) Close(connection);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (TcpConnection? connection in _connections) connection?.Dispose();
        _listener?.Dispose();
    }

    /// <summary>Adds a stranger's connection, or closes it when a limit is reached.</summary>
    private TcpConnection? TryAdd(MediaTime now, FileDescriptor socket, in TransportAddress remote)
    {
        bool isAllowed = _strangerCount < MaxStrangers && CountStrangersFrom(remote) < MaxStrangersPerAddress;
        if (isAllowed && _freeSlots.TryPop(out int slot))
        {
            _generations[slot] = _generations[slot] % MaxGeneration + 1;    // from 1 on: number 0 is UDP
            int number = (_generations[slot] << SlotBits) | slot;
            if (_epoll.TryAdd(socket, LibCConstants.EpollIn, FirstConnectionToken + number))
            {
                var connection = new TcpConnection(socket, remote with { Connection = number }, now);
                _connections[slot] = connection;
                RememberStranger(number);
                return connection;
            }

            _freeSlots.Push(slot);
        }

        Refused++;
        socket.Dispose();
        return null;
    }

    private void RememberStranger(int number)
    {
        if (_strangers.Count == 2 * MaxStrangers) KeepLivingStrangers();
        _strangers.Enqueue(number);
        _strangerCount++;
    }

    /// <summary>Gives whole frames to the worker.</summary>
    /// <returns>False when the connection is to be closed.</returns>
    private bool Deliver(MediaTime now, TcpConnection connection)
    {
        _delivering = connection;
        bool goesOn = DeliverFrames(now, connection);
        _delivering = null;
        if (Find(connection.Remote.Connection) != connection) connection.DisposeBuffers();
        return goesOn;
    }

    private bool DeliverFrames(MediaTime now, TcpConnection connection)
    {
        bool isBroken;
        while (connection.Reader.TryRead(out Span<byte> frame, out isBroken))
        {
            if (!connection.IsPlaced)
            {
                TcpPlacement placement = _owner.Place(frame);
                if (placement == TcpPlacement.Elsewhere) return HandOver(connection, frame);
                if (placement == TcpPlacement.Refuse)
                {
                    Refused++;
                    return false;
                }

                connection.IsPlaced = true;
            }

            _owner.OnFrame(now, connection.Remote, frame);
            if (Find(connection.Remote.Connection) != connection) return true;     // closed by what the frame said
        }

        return !isBroken;
    }

    private void SendAll(MediaTime now, int first)
    {
        IoVec* vectors = stackalloc IoVec[MaxVectors];
        int number = _queued[first].Number;
        int count = 0;
        for (int i = first; i < _queuedCount && count < MaxVectors; i++)
        {
            ref Queued queued = ref _queued[i];
            if (queued.Number != number) continue;
            vectors[count++] = new IoVec { Base = queued.Bytes, Length = (nuint)queued.Length };
            queued.Number = 0;
        }

        TcpConnection? connection = Find(number);
        if (connection is null)
        {
            DroppedFrames += count;
            return;
        }

        bool wasBlocked = connection.IsBlocked;
        SendCalls += wasBlocked ? 0 : 1;                   // else it waits for EPOLLOUT, without a call
        bool isOpen = connection.Send(now, vectors, count, out int dropped);
        DroppedFrames += dropped;
        if (!isOpen) Close(connection);
        else if (connection.IsBlocked && !wasBlocked) Watch(connection, LibCConstants.EpollIn | LibCConstants.EpollOut);
    }

    private void Watch(TcpConnection connection, uint events) =>
        _epoll.Modify(connection.Socket, events, FirstConnectionToken + connection.Remote.Connection);

    private void Close(TcpConnection connection)
    {
        if (Find(connection.Remote.Connection) != connection) return;
        Forget(connection);
        if (connection == _delivering) connection.Socket.Dispose();
        else connection.Dispose();
    }

    private bool HandOver(TcpConnection connection, ReadOnlySpan<byte> firstFrame)
    {
        _epoll.Remove(connection.Socket);
        Forget(connection);
        _owner.HandOver(connection.Socket, connection.Remote, firstFrame, connection.Reader.Pending);
        return true;
    }

    private void Forget(TcpConnection connection)
    {
        int slot = connection.Remote.Connection & (MaxConnections - 1);
        if (!connection.IsAuthenticated) _strangerCount--;
        _connections[slot] = null;
        _freeSlots.Push(slot);
    }

    private TcpConnection? Find(int number)
    {
        int slot = number & (MaxConnections - 1);
        return number > 0 && _generations[slot] == number >> SlotBits ? _connections[slot] : null;
    }

    private void DropKnownStrangers()
    {
        while (_strangers.TryPeek(out int number) && Find(number) is null or { IsAuthenticated: true }) _strangers.Dequeue();
    }

    /// <summary>One that waits in front must not make those behind it, long closed, pile up.</summary>
    private void KeepLivingStrangers()
    {
        for (int i = _strangers.Count; i > 0; i--)
        {
            int number = _strangers.Dequeue();
            if (Find(number) is { IsAuthenticated: false }) _strangers.Enqueue(number);
        }
    }

    private int CountStrangersFrom(in TransportAddress remote)
    {
        int count = 0;
        foreach (int number in _strangers)
            if (Find(number) is { IsAuthenticated: false } other && other.Remote.High == remote.High && other.Remote.Low == remote.Low) count++;
        return count;
    }

    private void PauseAccepting(MediaTime now)
    {
        _epoll.Remove(_listener!);                         // level-triggered: it would wake us for ever
        _acceptAgainAt = now + AcceptPause;
    }

    private record struct Queued(int Number, nint Bytes, int Length);
}
