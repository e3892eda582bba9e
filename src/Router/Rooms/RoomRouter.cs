using Sfu.Media.Audio;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Feedback;
using Sfu.Router.Overload;
using Sfu.Router.Pipes;
using Sfu.Router.Producers;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Rooms;

/// <summary>One room on the data plane: which producer feeds which consumers. Pure: told the time, does no I/O.</summary>
/// <remarks>Owned by one media worker; not thread-safe; no allocation per packet.</remarks>
public sealed class RoomRouter : IDisposable
{
    private static readonly TimeSpan SummaryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LayerInterval = TimeSpan.FromMilliseconds(200);

    // Reports, feedback and summaries may be this late: a packet nearly always wakes the worker before, and waking it for each of them
    // costs as much as forwarding several packets. Feedback goes every 100 or 250 ms, where senders take 50 to 250.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly RoomContext _context;
    private readonly RoomCommands _commands;
    private readonly RtcpInput _feedback;
    private readonly TransportReports _reports;
    private readonly PacedRepairs _repairs;
    private readonly List<RoutedTransport> _transports = [];
    private uint _streams;
    private MediaTime _next = MediaTime.Never;
    private MediaTime _wakeAt = MediaTime.Never;
    private MediaTime _nextSummary = MediaTime.Never;
    private RoomSummary? _summary;                     // the last one
    private MediaTime _nextLayers = MediaTime.Never;

    /// <summary>Makes an empty room.</summary>
    /// <param name="room">Its id.</param>
    /// <param name="context">What its worker gives it.</param>
    internal RoomRouter(RoomId room, RoomContext context)
    {
        Room = room;
        _context = context;
        _commands = new RoomCommands(this, context);
        Incoming = new IncomingPath(this, context);
        _repairs = new PacedRepairs(this, context);
        _feedback = new RtcpInput(context, _repairs);
        _reports = new TransportReports(context);
    }

    /// <summary>Its id.</summary>
    public RoomId Room { get; }

    /// <summary>True when no transport is left.</summary>
    public bool IsEmpty => _transports.Count == 0;

    /// <summary>When <see cref="OnDeadline"/> wants to be called.</summary>
    public MediaTime NextDeadline => _next;

    /// <summary>When to wake up for <see cref="OnDeadline"/> if nothing happens before; not before <see cref="NextDeadline"/>.</summary>
    internal MediaTime WakeAt => _wakeAt;

    /// <summary>The worker's counters.</summary>
    internal RouterCounters Counters => _context.Counters;

    /// <summary>What its worker sheds.</summary>
    internal Shedding Shedding => _context.Shedding;

    /// <summary>Where the room reports to.</summary>
    internal IWorkerEventSink Events => _context.Events;

    /// <summary>Its transports in the order of joining.</summary>
    internal IReadOnlyList<RoutedTransport> Transports => _transports;

    /// <summary>Gives packets to consumers.</summary>
    internal FanOut FanOut => Incoming.FanOut;

    /// <summary>What happens to each packet.</summary>
    internal IncomingPath Incoming { get; }

    /// <summary>Who speaks.</summary>
    internal ActiveSpeakerDetector Speakers { get; } = new(MaxSpeakers);

    private const int MaxSpeakers = 512;                   // as many as a room may have participants

    /// <summary>Adds a transport by its number on the worker; media may be queued for it from now on, once <see cref="OnConnected"/> was called.</summary>
    public RoutedTransport AddTransport(MediaTime now, TransportId id, int slot)
    {
        var transport = new RoutedTransport(id, slot, _context.Output, _context.Ingress.PerParticipant);
        _transports.Add(transport);
        StartSummaries(now);
        return transport;
    }

    /// <summary>The publisher of a track that comes through a pipe; made when it is the first of its tracks.</summary>
    internal RoutedTransport AddRemote(MediaTime now, TransportId publisher)
    {
        foreach (RoutedTransport known in _transports)
            if (known.Id == publisher) return known;
        var transport = new RoutedTransport(publisher, RoutedTransport.NoSlot, _context.Output, default) { IsRemote = true };
        _transports.Add(transport);
        StartSummaries(now);
        return transport;
    }

    /// <summary>A publisher on another worker whose last track here ended.</summary>
    internal void RemoveRemote(RoutedTransport transport) => _transports.Remove(transport);

    /// <summary>A pipe is written no more.</summary>
    internal void RemoveOutlets(Pipe pipe)
    {
        foreach (RoutedTransport transport in _transports)
            foreach (Producer producer in transport.Producers) producer.Outlets.RemoveAll(outlet => outlet.Channel.Pipe == pipe);
    }

    private void StartSummaries(MediaTime now)
    {
        if (_nextSummary.IsNever) _nextSummary = now + SummaryInterval;
        WakeRoom(_nextSummary);
    }

    /// <summary>The transport has keys and an address: its consumers start, their producers are asked for key frames.</summary>
    public void OnConnected(MediaTime now, RoutedTransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        transport.IsConnected = true;
        transport.NextReport = now + TransportReports.Interval;
        transport.StartMeasuring(now);
        WakeSoon(transport, transport.NextReport);
        foreach (Consumer consumer in transport.Consumers) consumer.Begin(now);
    }

    /// <summary>The transport's link takes no more video, and what was sent is being dropped; or it is free again.</summary>
    internal static void OnLinkChanged(MediaTime now, RoutedTransport transport, bool isFull)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (transport.IsLinkFull == isFull) return;
        transport.IsLinkFull = isFull;
        foreach (Consumer consumer in transport.Consumers) consumer.OnLinkChanged(now);
    }

    /// <summary>The worker sheds more or less than before.</summary>
    internal void OnShedChanged(MediaTime now)
    {
        if (!_nextLayers.IsNever) AimLayers(now);          // else there is no video
    }

    /// <summary>What the worker's step leaves of a producer.</summary>
    internal ShedLimit ShedLimitOf(Producer producer) =>
        producer.Kind == MediaKind.Audio || Shedding.Step == ShedStep.None ? default
        : ShedLimit.ForVideo(Shedding.Step, producer.Parameters.IsScreen, (Speakers.Dominant?.Owner as Producer)?.Transport == producer.Transport);

    /// <summary>Removes a transport with its producers and consumers.</summary>
    public void RemoveTransport(MediaTime now, RoutedTransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        transport.IsConnected = false;                     // nothing is said to it any more
        while (transport.Consumers.Count > 0) _commands.Remove(transport.Consumers[^1]);
        while (transport.Producers.Count > 0) _commands.Remove(now, transport.Producers[^1]);
        _transports.Remove(transport);
    }

    /// <summary>Carries out a command for a producer, consumer or tap of this room.</summary>
    /// <returns>False when the id is not (any more) in this room.</returns>
    public bool Execute(MediaTime now, WorkerCommand command) => _commands.Execute(now, command);

    /// <summary>Takes one plain RTP packet; it is copied into the producer's ring, and changed in place when RTX is undone.</summary>
    public void OnRtp(MediaTime now, RoutedTransport from, Span<byte> plain, in RtpHeader header) => Incoming.OnRtp(now, from, plain, header);

    /// <summary>Takes one plain RTCP compound.</summary>
    public void OnRtcp(MediaTime now, RoutedTransport from, ReadOnlySpan<byte> compound) => _feedback.OnCompound(now, from, compound);

    /// <summary>Sends what is due: reports, feedback, NACKs, key frame requests, summaries.</summary>
    public void OnDeadline(MediaTime now)
    {
        foreach (RoutedTransport transport in _transports)
            if (transport.NextDeadline <= now) RunDue(now, transport);
        if (_nextLayers <= now) AimLayers(now);
        if (Speakers.NextDeadline <= now && Speakers.Poll(now)) PostSpeakers();
        if (_nextSummary <= now) PostSummary(now);
        _next = MediaTime.Min(MediaTime.Min(_nextSummary, _nextLayers), Speakers.NextDeadline);
        _wakeAt = _next + Patience;
        foreach (RoutedTransport transport in _transports)
        {
            _next = MediaTime.Min(_next, transport.NextDeadline);
            _wakeAt = MediaTime.Min(_wakeAt, transport.WakeAt);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RoutedTransport transport in _transports)
            foreach (Producer producer in transport.Producers) producer.Taps.Clear();      // nobody is told any more
        while (_transports.Count > 0) RemoveTransport(MediaTime.Zero, _transports[^1]);
    }

    /// <summary>Something of a transport is due then.</summary>
    internal void Wake(RoutedTransport transport, MediaTime due) => Wake(transport, due, due);

    /// <summary>Something of a transport that is not urgent is due then, or with the next packet.</summary>
    internal void WakeSoon(RoutedTransport transport, MediaTime due) => Wake(transport, due, due + Patience);

    /// <summary>Something of the room that is not urgent is due then, or with the next packet.</summary>
    internal void WakeRoom(MediaTime due)
    {
        _next = MediaTime.Min(_next, due);
        _wakeAt = MediaTime.Min(_wakeAt, due + Patience);
    }

    /// <summary>A viewer was sent its first packet: it gets its sender reports soon, so that sound and picture find together.</summary>
    internal void ReportSoon(MediaTime now, RoutedTransport transport)
    {
        transport.NextReport = MediaTime.Min(transport.NextReport, now + TransportReports.FirstDelay);
        WakeSoon(transport, transport.NextReport);
    }

    /// <summary>A number for a stream: not 0, and no other stream's.</summary>
    internal uint NextStreamNumber() => ++_streams;

    /// <summary>A consumer needs a key frame of a stream; asked for at once or when the last request is old enough.</summary>
    internal void RequestKeyFrame(MediaTime now, RtpStream stream)
    {
        if (stream.KeyFrames.IsWanted) return;             // its next turn is planned
        stream.KeyFrames.Request();
        PollKeyFrame(now, stream);
    }

    /// <summary>The first packet of a stream came.</summary>
    internal void OnStreamStarted(MediaTime now, RtpStream stream)
    {
        foreach (Consumer consumer in stream.Producer.Consumers.All) consumer.OnStreamStarted(now);
        foreach (PipeOutlet outlet in stream.Producer.Outlets) outlet.Note(stream);
        if (stream.Producer.Kind != MediaKind.Video || !_nextLayers.IsNever) return;
        _nextLayers = now + LayerInterval;
        WakeRoom(_nextLayers);
    }

    /// <summary>A stream is no longer its producer's.</summary>
    internal static void Retire(MediaTime now, RtpStream stream)
    {
        stream.Producer.GiveReceipt(now, stream);
        stream.Producer.Transport.Ssrcs.Remove(stream);
        foreach (Consumer consumer in stream.Producer.Consumers.All) consumer.OnStreamGone(stream);
        stream.Dispose();
    }

    private void Wake(RoutedTransport transport, MediaTime due, MediaTime wakeAt)
    {
        transport.NextDeadline = MediaTime.Min(transport.NextDeadline, due);
        transport.WakeAt = MediaTime.Min(transport.WakeAt, wakeAt);
        _next = MediaTime.Min(_next, due);
        _wakeAt = MediaTime.Min(_wakeAt, wakeAt);
    }

    private void PollKeyFrame(MediaTime now, RtpStream stream)
    {
        RoutedTransport sender = stream.Producer.Transport;
        if (stream.KeyFrames.Poll(now, sender.RoundTrip.Value, out MediaTime next))
        {
            if (stream.Producer.Inlet is { } inlet) inlet.RequestKeyFrame(now, stream.Encoding);
            else
            {
                Counters.KeyFrameRequestsSent++;
                _reports.SendKeyFrameRequest(stream);
            }
        }

        stream.NextKeyFramePoll = next;
        Wake(sender, next);
    }

    private void RunDue(MediaTime now, RoutedTransport transport)
    {
        transport.NextDeadline = transport.WakeAt = MediaTime.Never;
        if (transport.IsConnected)
        {
            _reports.SendDue(now, transport);
            _repairs.SendDue(now, transport);
            WakeSoon(transport, transport.NextReport);
            WakeSoon(transport, transport.TransportCc.NextDeadline);
        }

        foreach (Producer producer in transport.Producers)
            foreach (RtpStream? stream in producer.Streams)
                if (stream is not null) RunDue(now, transport, stream);
    }

    private void RunDue(MediaTime now, RoutedTransport transport, RtpStream stream)
    {
        if (stream.Nack is { } nack)
        {
            if (nack.NextDeadline <= now) _reports.SendNacks(now, stream, nack);
            if (nack.TakeGivenUp() && stream.Producer.Kind == MediaKind.Video) RequestKeyFrame(now, stream);
            Wake(transport, nack.NextDeadline);
        }

        if (stream.NextKeyFramePoll <= now) PollKeyFrame(now, stream);
        else Wake(transport, stream.NextKeyFramePoll);
    }

    /// <summary>Measures the video streams and lets the consumers aim anew: an encoding may have fallen silent or come back, the worker may
    /// shed, somebody else may speak.</summary>
    private void AimLayers(MediaTime now)
    {
        bool hasVideo = false;
        foreach (RoutedTransport transport in _transports)
        {
            foreach (Producer producer in transport.Producers)
            {
                if (producer.Kind != MediaKind.Video) continue;
                hasVideo = true;
                foreach (RtpStream? stream in producer.Streams)
                    if (stream is not null) Measure(now, stream);
                ShedLimit shed = ShedLimitOf(producer);
                foreach (Consumer consumer in producer.Consumers.All) consumer.SetShed(now, shed);
                producer.Inlet?.Aim(now);
            }
        }

        _nextLayers = hasVideo ? now + LayerInterval : MediaTime.Never;
    }

    /// <summary>How fast a stream is, is measured where it comes in; the edges are told.</summary>
    private static void Measure(MediaTime now, RtpStream stream)
    {
        if (stream.Producer.Inlet is null) stream.Activity.Measure(now);
        foreach (PipeOutlet outlet in stream.Producer.Outlets) outlet.Note(stream);
    }

    private void PostSummary(MediaTime now)
    {
        _nextSummary = now + SummaryInterval;
        foreach (RoutedTransport transport in _transports)
        {
            foreach (Producer producer in transport.Producers)
            {
                producer.GiveReceipts(now);
                producer.Inlet?.Open();
                foreach (PipeOutlet outlet in producer.Outlets) outlet.TryCatchUp();
            }
        }

        _summary = RoomSummary.Begin(_summary, Room, out List<TransportSummary> rows);
        foreach (RoutedTransport transport in _transports)
            if (!transport.IsRemote) rows.Add(SummaryBuilder.Build(transport));
        Events.Post(_summary);
    }

    private void PostSpeakers()
    {
        ReadOnlySpan<SpeakerActivity> speaking = Speakers.Speaking;
        var levels = new SpeakerLevel[speaking.Length];
        for (int i = 0; i < levels.Length; i++) levels[i] = new SpeakerLevel(((Producer)speaking[i].Owner).Id, speaking[i].Level);
        Events.Post(new ActiveSpeakersChanged(Room, (Speakers.Dominant?.Owner as Producer)?.Id, levels));
    }
}
