using System.Collections.Concurrent;
using System.Threading.Channels;
using Sfu.Media.Buffers;
using Sfu.Nodes.Workers;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Nodes;

/// <summary>A media worker without sockets: keeps what lives by the same rules, and fails on a command the real one would call stale or wrong.</summary>
internal sealed class FakeWorker(int index) : IWorker
{
    private readonly Channel<WorkerEvent> _events = Channel.CreateUnbounded<WorkerEvent>();

    public int Index => index;

    public ChannelReader<WorkerEvent> Events => _events.Reader;

    public WorkerSnapshot? Latest { get; set; }

    public IReadOnlyList<string> Candidates { get; } = [$"1 1 udp 2130706431 192.0.2.1 {7882 + index} typ host"];

    /// <summary>Takes no commands while true.</summary>
    public bool IsFull { get; set; }

    public bool IsDisposed { get; private set; }

    public Dictionary<TransportId, OpenTransport> Transports { get; } = [];

    public Dictionary<ProducerId, (TransportId Transport, ProducerParameters Parameters)> Producers { get; } = [];

    public HashSet<ProducerId> Muted { get; } = [];

    public Dictionary<ConsumerId, AddConsumer> Consumers { get; } = [];

    public Dictionary<ConsumerId, SetConsumerPreferences> Preferences { get; } = [];

    /// <summary>Taps by producer.</summary>
    public ConcurrentDictionary<ProducerId, IPacketTap> Taps { get; } = [];

    /// <summary>Producers that must be recorded, and the lease they are forwarded under.</summary>
    public ConcurrentDictionary<ProducerId, RecorderLease> Leases { get; } = [];

    public List<WorkerCommand> Log { get; } = [];

    /// <summary>Commands for ids that are not there.</summary>
    public List<WorkerCommand> Stale { get; } = [];

    public void Start() { }

    public bool TryPost(WorkerCommand command)
    {
        if (IsFull || IsDisposed) return false;
        Log.Add(command);
        if (!Execute(command)) Stale.Add(command);
        return true;
    }

    /// <summary>Tracks of other workers, by their numbers here.</summary>
    public Dictionary<ProducerId, AddPipedProducer> Piped { get; } = [];

    /// <summary>Pipes that are used no longer.</summary>
    public List<ReleasePipe> Released { get; } = [];

    public void Wake() { }

    public void Dispose()
    {
        IsDisposed = true;
        _events.Writer.TryComplete();
    }

    /// <summary>A transport ends by itself, with everything on it.</summary>
    public void Close(TransportId transport)
    {
        Transports.Remove(transport);
        foreach (ProducerId producer in Producers.Where(p => p.Value.Transport == transport).Select(p => p.Key).ToArray()) RemoveProducer(producer);
        foreach (ConsumerId consumer in Consumers.Where(c => c.Value.Transport == transport).Select(c => c.Key).ToArray()) Consumers.Remove(consumer);
    }

    private bool Execute(WorkerCommand command)
    {
        switch (command)
        {
            case OpenTransport open:
                Assert.DoesNotContain(Transports.Values, other => other.Local.Ufrag == open.Local.Ufrag);
                Transports.Add(open.Transport, open);
                return true;
            case RestartIce restart:
                return Transports.ContainsKey(restart.Transport);
            case CloseTransport close:
                bool isKnown = Transports.ContainsKey(close.Transport);
                Close(close.Transport);
                return isKnown;
            case CloseRoom close:
                foreach (TransportId transport in Transports.Where(t => t.Value.Room == close.Room).Select(t => t.Key).ToArray()) Close(transport);
                return true;
            case AddProducer add:
                if (!Transports.ContainsKey(add.Transport)) return false;
                Assert.NotEmpty(add.Parameters.Codecs);
                Assert.NotEmpty(add.Parameters.Encodings);
                Producers.Add(add.Producer, (add.Transport, add.Parameters));
                SetLease(add.Producer, add.Lease);
                return true;
            case AddPipedProducer add:
                if (!Transports.Values.Any(transport => transport.Room == add.Room)) return false;
                Assert.DoesNotContain(add.Channel.Origin, Producers.Keys);
                Assert.DoesNotContain(Released, released => released.Pipe == add.Channel.Pipe);
                Piped.Add(add.Channel.Edge, add);
                return true;
            case ReleasePipe release:
                Assert.DoesNotContain(Piped.Values, add => add.Channel.Pipe == release.Pipe);
                Released.Add(release);
                return true;
            case SetRecorderLease set:
                return Producers.ContainsKey(set.Producer) && SetLease(set.Producer, set.Lease);
            case PassBarrier barrier:
                barrier.Passed();
                return true;
            case AddTap add:
                return Producers.ContainsKey(add.Producer) && Taps.TryAdd(add.Producer, add.Tap);
            case RemoveTap remove:
                Taps.TryRemove(KeyValuePair.Create(remove.Producer, remove.Tap));
                remove.Detached?.Invoke();
                return true;
            case UpdateProducer update:
                if (!Producers.TryGetValue(update.Producer, out (TransportId Transport, ProducerParameters Parameters) producer)) return false;
                Producers[update.Producer] = (producer.Transport, update.Parameters);
                return true;
            case SetProducerMuted mute:
                if (mute.Muted) Muted.Add(mute.Producer);
                else Muted.Remove(mute.Producer);
                return Producers.ContainsKey(mute.Producer);
            case RemoveProducer remove:
                return RemoveProducer(remove.Producer);
            case AddConsumer add:
                return Add(add);
            case SetConsumerPreferences preferences:
                Preferences[preferences.Consumer] = preferences;
                return Consumers.ContainsKey(preferences.Consumer);
            case RemoveConsumer remove:
                return Consumers.Remove(remove.Consumer);
            default:
                throw new InvalidOperationException($"Unexpected {command}.");
        }
    }

    private bool SetLease(ProducerId producer, RecorderLease? lease)
    {
        if (lease is null) Leases.TryRemove(producer, out _);
        else Leases[producer] = lease;
        return true;
    }

    private bool Add(AddConsumer add)
    {
        if (!Transports.TryGetValue(add.Transport, out OpenTransport? to)) return false;
        ProducerParameters parameters;
        if (Piped.TryGetValue(add.Producer, out AddPipedProducer? piped))
        {
            Assert.Equal(to.Room, piped.Room);
            parameters = piped.Parameters;
        }
        else if (Producers.TryGetValue(add.Producer, out var from))
        {
            Assert.Equal(to.Room, Transports[from.Transport].Room);
            parameters = from.Parameters;
        }
        else
        {
            return false;
        }

        HashSet<byte> sent = [.. parameters.Codecs.Select(codec => codec.PayloadType)];
        Assert.NotEmpty(add.Parameters.Codecs);
        Assert.All(add.Parameters.Codecs, codec => Assert.Contains(codec.ProducerPayloadType, sent));
        uint[] taken = [.. Consumers.Values.Where(c => c.Transport == add.Transport).SelectMany(Ssrcs)];
        Assert.All(Ssrcs(add), ssrc => Assert.DoesNotContain(ssrc, taken));
        Consumers.Add(add.Consumer, add);
        return true;
    }

    private static IEnumerable<uint> Ssrcs(AddConsumer add) =>
        add.Parameters.RtxSsrc is { } rtx ? [add.Parameters.Ssrc.Value, rtx.Value] : [add.Parameters.Ssrc.Value];

    private bool RemoveProducer(ProducerId producer)
    {
        if (!Producers.Remove(producer) & !Piped.Remove(producer)) return false;
        foreach (ConsumerId consumer in Consumers.Where(c => c.Value.Producer == producer).Select(c => c.Key).ToArray()) Consumers.Remove(consumer);
        return true;
    }
}
