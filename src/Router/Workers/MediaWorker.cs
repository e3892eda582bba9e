using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Threading.Channels;
using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Native;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Pipes;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Workers;

/// <summary>One media worker: a thread that owns its sockets, rooms and timers outright.</summary>
/// <remarks>
/// Commands come in through a bounded mailbox, events go out through a bounded channel; nothing else crosses the thread's border.
/// One turn: wait, receive, route, due deadlines, flush, mailbox (ARCHITECTURE.md, life of a packet).
/// <see cref="Dispose"/> says goodbye to every client and joins the thread.
/// </remarks>
public sealed class MediaWorker : IDisposable, IPipeHost, ITcpOwner, IUfragDirectory
{
    private const int MailboxCapacity = 4096;
    private const int CommandsPerTurn = 32;
    private const int BatchesPerTurn = 4;
    private const int DatagramsPerTurn = 256;              // after that many no further batch: merged ones are many in one
    private const long BellToken = 0;
    private const long UdpToken = 1;
    private static readonly TimeSpan MailboxTimePerTurn = TimeSpan.FromMicroseconds(100);
    // Feedback is looked for with what else the worker does, at most that often; and when some came before, at least that often.
    private static readonly TimeSpan FeedbackPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FeedbackPatience = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan SnapshotInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeginTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(5);

    private readonly MediaWorkerOptions _options;
    private readonly DtlsContext _dtls;
    private readonly Mailbox _mailbox = new(MailboxCapacity);
    private readonly EventOutbox _events = new();
    private readonly Epoll _epoll = new();
    private readonly UdpEndpoint _udp;
    private readonly TcpEndpoint _tcp;
    private readonly WorkerCore _core;
    private readonly SnapshotBuilder _snapshots;
    private readonly ShedController _shed;
    private readonly ShedCounts _shedCounts = new();
    private readonly SocketAge _age = new(MonotonicClock.Now);
    private readonly ForwardDelays _delays = new();
    private readonly TcpShare _tcpShare = new();
    private readonly BurstWindow _bursts = new(MonotonicClock.Now);
    private readonly RealTimeShare _realTime;
    private MediaTime _turnBegan = MediaTime.Never;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _begun = new();
    private bool _waitsForUdpRoom;
    private MediaTime _nextSnapshot;
    private MediaTime _nextFeedback;
    private MediaTime _feedbackDue = MediaTime.Never;
    private WorkerSnapshot? _latest;
    private volatile bool _isStopping;
    private bool _isStarted;
    private bool _isDisposed;

    /// <summary>Opens the sockets; packets are answered after <see cref="Start"/>.</summary>
    /// <param name="options">Ports, limits, time-outs.</param>
    /// <param name="certificate">The node's DTLS certificate; must outlive the worker.</param>
    /// <exception cref="IOException">A port cannot be bound.</exception>
    public MediaWorker(MediaWorkerOptions options, DtlsCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _dtls = new DtlsContext(certificate, DtlsRole.Server, options.SrtpProfiles);
        (_udp, _tcp) = OpenSockets(options);
        _epoll.Add(_mailbox.Bell, LibCConstants.EpollIn, BellToken);
        _epoll.Add(_udp.Socket, LibCConstants.EpollIn, UdpToken);
        var timeouts = new TransportTimeouts(options.IceTimeout, options.DtlsTimeout, options.ParticipantTimeout);
        ulong seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _core = new WorkerCore(
            new WorkerCoreOptions(timeouts, options.HandshakeStepsPerTurn, seed, this, options.Ingress),
            _dtls, new WorkerSink(_udp.Outgoing, _tcp, _delays), _events, MonotonicClock.ReadAnchor);
        _shed = new ShedController(new ShedBounds(options.LateAfter), MonotonicClock.Now);
        _realTime = new RealTimeShare(options.RealTimeUpTo, MonotonicClock.Now);
        _snapshots = new SnapshotBuilder(options.Index, _core, _udp, _tcp, _mailbox, _events, _shedCounts, _delays);
        _thread = new Thread(Run) { IsBackground = true, Name = $"media-{options.Index}" };
    }

    /// <summary>What happens on the worker, in order; ends after <see cref="Dispose"/>.</summary>
    public ChannelReader<WorkerEvent> Events => _events.Reader;

    /// <summary>The UDP port all its participants share.</summary>
    public int UdpPort => _udp.Local.Port;

    /// <summary>The ICE-TCP port, or 0 when this worker does not listen.</summary>
    public int TcpPort => _tcp.Port;

    /// <summary>The newest snapshot, at most a second old; null in the first second.</summary>
    public WorkerSnapshot? Latest => Volatile.Read(ref _latest);

    /// <summary>What the kernel granted its thread at its start; after <see cref="Start"/>. What it has now: <see cref="WorkerSnapshot.Policy"/>.</summary>
    public ThreadPolicy Policy { get; private set; }

    /// <inheritdoc cref="MediaWorkerOptions.RealTimeUpTo"/>
    public double RealTimeUpTo => _options.RealTimeUpTo;

    /// <summary>The kernel's number of its thread; after <see cref="Start"/>.</summary>
    public int ThreadId { get; private set; }

    /// <summary>System calls of its packet path since the start: waiting, receiving, looking for feedback, sending; and UDP datagrams sent.
    /// To be read on its thread, or when it is idle.</summary>
    internal (long Waits, long Receives, long Looks, long Sends, long Datagrams) Calls =>
        (_epoll.Waits, _udp.ReceiveCalls, _udp.FeedbackCalls, _udp.Outgoing.Calls, _udp.Outgoing.Datagrams);

    /// <summary>UDP messages sent, each of one datagram or several. To be read on its thread, or when it is idle.</summary>
    internal long MessagesSent => _udp.Outgoing.Messages;

    /// <summary>What it carries. To be used on its thread only.</summary>
    internal WorkerCore Core => _core;

    /// <summary>System calls that sent over TCP. To be read on its thread, or when it is idle.</summary>
    internal long TcpSendCalls => _tcp.SendCalls;

    /// <inheritdoc cref="WorkerCore.Ciphers"/>
    internal (long Opened, long Sealed) Ciphers => _core.Ciphers;

    /// <summary>Starts the thread, and waits until the kernel has said how it runs.</summary>
    /// <exception cref="TimeoutException">It did not begin within five seconds.</exception>
    public void Start()
    {
        if (_isStarted) throw new InvalidOperationException("The worker runs already.");
        _isStarted = true;
        _events.Post(new WorkerStarted(
            _options.Index, UdpPort, TcpPort, _udp.ReceiveBuffer, _udp.SendBuffer, UdpEndpoint.WantedBuffer, _udp.Outgoing.Segmentation.IsEnabled,
            SrtpEngine.Best.Description));                  // chosen and tested here, before the first packet
        _thread.Start();
        if (!_begun.Wait(BeginTimeout)) throw new TimeoutException($"The thread of media worker {_options.Index} did not begin within {BeginTimeout}.");
    }

    /// <summary>Gives the worker a command; from any thread. False when its mailbox (4,096 commands) is full or it has ended.</summary>
    public bool TryPost(WorkerCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _mailbox.TryPost(command);
    }

    /// <inheritdoc/>
    public void Wake() => _mailbox.Wake();

    /// <summary>Closes every transport with a close_notify, ends the thread and closes the sockets.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _mailbox.Close();
        _isStopping = true;
        _mailbox.Ring();
        if (_isStarted && !_thread.Join(JoinTimeout)) return;  // stuck: its memory must stay, and the process is about to end
        DropMail();
        _core.Dispose();
        _tcp.Dispose();
        _udp.Dispose();
        _epoll.Dispose();
        _mailbox.Dispose();
        _dtls.Dispose();
        _begun.Dispose();
        _events.Complete();
    }

    /// <inheritdoc/>
    TcpPlacement ITcpOwner.Place(ReadOnlySpan<byte> firstFrame)
    {
        if (!StunMessage.TryGetServerUfrag(firstFrame, out ReadOnlySpan<byte> ufrag)) return TcpPlacement.Refuse;
        if (_core.HasUfrag(ufrag)) return TcpPlacement.Here;
        return _options.TcpHandover is { } handover && handover.TryFind(ufrag, out _) ? TcpPlacement.Elsewhere : TcpPlacement.Refuse;
    }

    /// <inheritdoc/>
    void ITcpOwner.HandOver(FileDescriptor socket, in TransportAddress remote, ReadOnlySpan<byte> firstFrame, ReadOnlySpan<byte> rest)
    {
        var received = new byte[FrameReader.PrefixSize + firstFrame.Length + rest.Length];
        BinaryPrimitives.WriteUInt16BigEndian(received, (ushort)firstFrame.Length);
        firstFrame.CopyTo(received.AsSpan(FrameReader.PrefixSize));
        rest.CopyTo(received.AsSpan(FrameReader.PrefixSize + firstFrame.Length));
        bool isTaken = StunMessage.TryGetServerUfrag(firstFrame, out ReadOnlySpan<byte> ufrag)
            && _options.TcpHandover!.TryFind(ufrag, out MediaWorker? worker)
            && worker._mailbox.TryPost(new AdoptConnection(socket, remote, received));
        if (!isTaken) socket.Dispose();
    }

    /// <inheritdoc/>
    void ITcpOwner.OnFrame(MediaTime now, in TransportAddress from, Span<byte> frame) => _core.OnDatagram(now, from, frame);

    /// <inheritdoc/>
    void IUfragDirectory.Add(string ufrag) => _options.TcpHandover?.Add(ufrag, this);

    /// <inheritdoc/>
    void IUfragDirectory.Remove(string ufrag) => _options.TcpHandover?.Remove(ufrag, this);

    private (UdpEndpoint Udp, TcpEndpoint Tcp) OpenSockets(MediaWorkerOptions options)
    {
        UdpEndpoint? udp = null;
        try
        {
            udp = new UdpEndpoint(options.BindAddress, options.UdpPort, options.Segmentation, options.Merging);
            if (options.RefuseSegmentation) udp.RefuseSegmentationForTest();
            return (udp, new TcpEndpoint(_epoll, this, options.BindAddress, options.TcpPort));
        }
        catch (IOException)
        {
            udp?.Dispose();                                // a port that is held by nobody is free for the next attempt
            _epoll.Dispose();
            _mailbox.Dispose();
            _dtls.Dispose();
            throw;
        }
    }

    private void Run()
    {
        try
        {
            (ThreadId, Policy) = (ThreadSchedule.CurrentThread, ThreadSchedule.Apply(_options.Scheduling));
            _snapshots.Policy = Policy;
            _begun.Set();
            _nextSnapshot = MonotonicClock.Now + SnapshotInterval;
            while (!_isStopping) Turn();
            End(TransportCloseReason.Commanded);
        }
        catch (Exception error)
        {
            _mailbox.Close();
            _events.Post(new WorkerFailed(_options.Index, EndAfter(error)));
        }
    }

    /// <summary>Says goodbye as far as the worker still can.</summary>
    /// <returns>What is to be logged.</returns>
    private string EndAfter(Exception error)
    {
        try
        {
            End(TransportCloseReason.Failed);
            return error.ToString();
        }
        catch (Exception second)
        {
            return $"{error}{Environment.NewLine}While ending: {second}";
        }
    }

    private void End(TransportCloseReason reason)
    {
        MediaTime now = MonotonicClock.Now;
        _core.CloseAll(now, reason);
        _core.EndTurn(now);
    }

    private void Turn()
    {
        MediaTime before = MonotonicClock.Now;
        if (!_turnBegan.IsNever) _snapshots.OnTurnEnded(before - _turnBegan);
        MediaTime looked = WaitForMore(before);
        int timeout = TimeoutFrom(looked);
        int ready = _epoll.Wait(timeout);
        MediaTime now = _turnBegan = MonotonicClock.Now;
        _bursts.OnTurn(now, now - before);
        _age.OnWaited(looked, now, mayBlock: timeout > 0);
        long packets = _snapshots.DatagramsReceived;
        uint drops = _udp.KernelDrops;
        TimeSpan oldest = _age.Oldest(now);
        int tcpReady = 0;
        for (int i = 0; i < ready; i++) tcpReady += OnReady(now, i) ? 0 : 1;
        int received = (int)(_snapshots.DatagramsReceived - packets);
        if (received > 0) _delays.BeginTurn(now - oldest);
        if (now >= _nextFeedback && _udp.Feedback is { } feedback) ReceiveFeedback(now, feedback);
        _core.OnPipes(now);
        if (tcpReady > 0) ServeTcp(now, ready, received);
        bool hadTimers = _core.NextDeadline <= now;
        if (hadTimers) _core.OnDeadline(now);
        if (_tcp.NextDeadline <= now) _tcp.OnDeadline(now);
        _core.EndTurn(now);
        _delays.EndTurn();
        if (RunMailbox()) _core.EndTurn(MonotonicClock.Now);
        WatchUdpRoom();
        _events.Retry();
        Measure(now, new TurnMeasure(
            now - before, received, oldest, _core.LatestDeadline, _udp.KernelDrops - drops, hadTimers));
        if (now >= _nextSnapshot) TakeSnapshot(now);
    }

    private void Measure(MediaTime now, in TurnMeasure turn)
    {
        _core.LatestDeadline = TimeSpan.Zero;
        _snapshots.OnTurn(turn);
        if (Policy == ThreadPolicy.Fifo && _realTime.OnTurn(now, turn.Idle))
            _snapshots.Policy = _realTime.IsHeld ? ThreadSchedule.Apply(ThreadPolicy.Fifo) : ThreadSchedule.LeaveRealTime();
        if (!_shed.OnTurn(now, turn)) return;
        _shedCounts.Add(_shed.Step, _shed.Cause);
        _events.Post(new WorkerShedChanged(_options.Index, _shed.Step, _shed.Cause, _shed.Busy));
        _core.SetShedStep(now, _shed.Step);
        _core.EndTurn(now);
    }

    /// <summary>Serves the bell and the UDP socket.</summary>
    /// <returns>False for what is TCP's.</returns>
    private bool OnReady(MediaTime now, int index)
    {
        uint events = _epoll.Ready(index, out long token);
        switch (token)
        {
            case BellToken:
                _mailbox.Silence();
                return true;
            case UdpToken when (events & LibCConstants.EpollIn) != 0:
                ReceiveUdp(now);
                return true;
            case UdpToken:
                return true;                               // writable: the turn's flush goes on with the backlog
            default:
                return false;
        }
    }

    /// <summary>Reads from TCP connections for as long as UDP can wait; epoll names the others again.</summary>
    private void ServeTcp(MediaTime now, int ready, int udpPackets)
    {
        MediaTime end = TcpShare.EndFor(now, MonotonicClock.Now, udpPackets);
        int first = _tcpShare.TakeFirst(ready);
        for (int i = 0; i < ready; i++)
        {
            uint events = _epoll.Ready((first + i) % ready, out long token);
            if (token is BellToken or UdpToken) continue;
            if (token == TcpEndpoint.ListenerToken) _tcp.OnListenerReady(now);
            else _tcp.OnReady(now, token, events);
            if (!end.IsNever && MonotonicClock.Now >= end) return;
        }
    }

    private void ReceiveUdp(MediaTime now)
    {
        int received = 0;
        for (int batch = 0; batch < BatchesPerTurn; batch++)
        {
            int count = _udp.Receive();
            if (count > 0) _bursts.OnTaken(now);
            for (int i = 0; i < count; i++) received += Take(now, _udp.Incoming, i);
            _snapshots.MessagesReceived += count;
            bool isFull = count == _udp.Incoming.Capacity;
            if (!isFull) _age.OnEmpty(now);
            if (received >= DatagramsPerTurn || !isFull && !_core.TakeExpectsMore()) break;
        }

        _snapshots.DatagramsReceived += received;
    }

    /// <summary>Gives a datagram to the core, or each of those that the kernel merged to it.</summary>
    /// <returns>Their number.</returns>
    private int Take(MediaTime now, ReceiveBatch batch, int index)
    {
        TransportAddress from = batch.From(index);
        Span<byte> datagram = batch.Datagram(index);
        int part = batch.PartLength(index);
        if (part == 0)
        {
            _core.OnDatagram(now, from, datagram);
            return 1;
        }

        DropReason reason = MergedDatagram.Check(datagram.Length, part);
        if (reason != DropReason.None)
        {
            _core.Counters.Drop(reason);
            return 1;
        }

        int count = 0;
        for (; datagram.Length > 0; datagram = datagram[Math.Min(part, datagram.Length)..], count++)
            _core.OnDatagram(now, from, datagram[..Math.Min(part, datagram.Length)]);
        return count;
    }

    private void ReceiveFeedback(MediaTime now, ReceiveBatch batch)
    {
        _nextFeedback = now + FeedbackPause;
        _feedbackDue = MediaTime.Never;
        for (int i = 0, count = batch.Capacity; i < BatchesPerTurn && count == batch.Capacity; i++)
        {
            count = _udp.ReceiveFeedback();
            for (int k = 0; k < count; k++) _core.OnDatagram(now, batch.From(k), batch.Datagram(k));
            _snapshots.DatagramsReceived += count;
            if (count > 0) _feedbackDue = now + FeedbackPatience;
        }
    }

    private bool RunMailbox()
    {
        if (_mailbox.Count == 0) return false;
        MediaTime now = MonotonicClock.Now;
        int done = 0;
        while (done < CommandsPerTurn && _mailbox.TryTake(out WorkerCommand? command))
        {
            if (command is AdoptConnection adopt) _tcp.Adopt(now, adopt.Socket, adopt.Remote, adopt.Received);
            else _core.Execute(now, command);
            done++;
            if (MonotonicClock.Now - now > MailboxTimePerTurn) break;
        }

        return done > 0;
    }

    /// <summary>Lets packets gather while the worker is busy, unless something else is to be done.</summary>
    /// <returns>The time then.</returns>
    private MediaTime WaitForMore(MediaTime now)
    {
        if (!_options.HasBurstWindow || _mailbox.Count > 0 || _core.HasPiped || _waitsForUdpRoom) return now;
        TimeSpan wait = _bursts.WaitFrom(now, NextWake);
        if (wait == TimeSpan.Zero) return now;
        MonotonicClock.Wait(wait);
        return MonotonicClock.Now;
    }

    private MediaTime NextWake => MediaTime.Min(MediaTime.Min(_nextSnapshot, _feedbackDue), MediaTime.Min(_core.WakeAt, _tcp.NextDeadline));

    private int TimeoutFrom(MediaTime now)
    {
        if (_mailbox.Count > 0 || _core.HasPiped) return 0;
        long nanoseconds = NextWake.Nanoseconds - now.Nanoseconds;
        return nanoseconds <= 0 ? 0 : (int)Math.Min((nanoseconds + 999_999) / 1_000_000, 1000);
    }

    private void WatchUdpRoom()
    {
        bool isBlocked = _udp.Outgoing.IsBlocked;
        if (isBlocked == _waitsForUdpRoom) return;
        _waitsForUdpRoom = isBlocked;
        _epoll.Modify(_udp.Socket, LibCConstants.EpollIn | (isBlocked ? LibCConstants.EpollOut : 0), UdpToken);
    }

    private void TakeSnapshot(MediaTime now)
    {
        _nextSnapshot = now + SnapshotInterval;
        Volatile.Write(ref _latest, _snapshots.Build(now));
    }

    private void DropMail()
    {
        while (_mailbox.TryTake(out WorkerCommand? command)) (command as AdoptConnection)?.Socket.Dispose();
    }
}
