using Sfu.Media.Buffers;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Feedback;
using Sfu.Router.Layers;
using Sfu.Router.Pipes;
using Sfu.Router.Producers;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Rooms;

/// <summary>Carries out commands on the producers, consumers and taps of a room, and keeps their tables.</summary>
/// <remarks>Owned by its room.</remarks>
internal sealed class RoomCommands(RoomRouter room, RoomContext context)
{
    private readonly Dictionary<ProducerId, Producer> _producers = [];
    private readonly Dictionary<ConsumerId, Consumer> _consumers = [];

    /// <summary>Carries out a command.</summary>
    /// <returns>False when it concerns an id that is not here, or one that is taken.</returns>
    internal bool Execute(MediaTime now, WorkerCommand command) => command switch
    {
        AddProducer add => Add(now, add),
        UpdateProducer update => _producers.TryGetValue(update.Producer, out Producer? producer) && Update(now, producer, update.Parameters),
        SetProducerMuted mute => _producers.TryGetValue(mute.Producer, out Producer? producer) && SetMuted(now, producer, mute.Muted),
        RemoveProducer remove => _producers.TryGetValue(remove.Producer, out Producer? producer) && Remove(now, producer),
        AddConsumer add => Add(now, add),
        SetConsumerPreferences set => _consumers.TryGetValue(set.Consumer, out Consumer? consumer) && SetWish(now, consumer, set),
        RemoveConsumer remove => _consumers.TryGetValue(remove.Consumer, out Consumer? consumer) && Remove(consumer),
        AddTap add => _producers.TryGetValue(add.Producer, out Producer? producer) && Add(now, producer, add.Tap),
        RemoveTap remove => _producers.TryGetValue(remove.Producer, out Producer? producer) && Remove(now, producer, remove),
        AddPipedProducer add => Add(now, add),
        PipeRequest request => _producers.TryGetValue(request.Channel.Origin, out Producer? producer) && Serve(now, producer, request),
        SetRecorderLease set => _producers.TryGetValue(set.Producer, out Producer? producer) && SetLease(now, producer, set),
        _ => false,
    };

    /// <summary>Ends a producer and its consumers.</summary>
    internal bool Remove(MediaTime now, Producer producer)
    {
        while (producer.Consumers.Count > 0) Remove(producer.Consumers.All[^1]);
        foreach (RtpStream? stream in producer.Streams)
            if (stream is not null) producer.Transport.Ssrcs.Remove(stream);
        producer.GiveReceipts(now);
        if (producer.Speaker is { } speaker) room.Speakers.Remove(speaker);
        producer.Transport.Producers.Remove(producer);
        _producers.Remove(producer.Id);
        context.Index.Remove(producer.Id);
        if (producer.Inlet is null) context.Counters.Producers[(int)producer.Kind]--;
        else if (producer.Transport.Producers.Count == 0) room.RemoveRemote(producer.Transport);
        producer.Dispose();
        return true;
    }

    /// <summary>Ends a consumer, with a BYE when its viewer can still be told and the SSRC ends with it.</summary>
    internal bool Remove(Consumer consumer)
    {
        if (consumer.Transport.IsConnected && consumer.PacketCount > 0 && !consumer.Parameters.IsReserved) TransportReports.SendGoodbye(consumer);
        consumer.KeepIndices();
        context.Counters.RepairsGone += consumer.Transport.ForgetRepairs(consumer);
        consumer.Transport.Consumers.Remove(consumer);
        consumer.Producer.Consumers.Remove(consumer);
        _consumers.Remove(consumer.Id);
        context.Index.Remove(consumer.Id);
        context.Counters.Consumers[(int)consumer.Producer.Kind]--;
        return true;
    }

    private static bool SetWish(MediaTime now, Consumer consumer, SetConsumerPreferences set)
    {
        consumer.SetWish(now, new ViewerWish(set.Paused, set.MaxWidth, set.MaxHeight, set.MaxFramesPerSecond, set.Priority));
        return true;
    }

    /// <summary>The server mutes or opens a producer.</summary>
    internal static bool SetMuted(MediaTime now, Producer producer, bool isMuted)
    {
        if (producer.IsMuted == isMuted) return true;
        producer.SetMuted(isMuted);
        foreach (IPacketTap tap in producer.Taps) tap.OnMuteChanged(now, isMuted);
        TellState(now, producer);
        return true;
    }

    /// <summary>A track that must be recorded is not, or is again: to its viewers it is as if it were muted.</summary>
    internal static void SetUnrecorded(MediaTime now, Producer producer, bool isUnrecorded)
    {
        if (producer.IsUnrecorded == isUnrecorded) return;
        producer.SetUnrecorded(isUnrecorded);
        TellState(now, producer);
    }

    private static void TellState(MediaTime now, Producer producer)
    {
        foreach (Consumer consumer in producer.Consumers.All) consumer.OnMuteChanged(now);
        foreach (PipeOutlet outlet in producer.Outlets) outlet.OnStateChanged();
    }

    private static bool Add(MediaTime now, Producer producer, IPacketTap tap)
    {
        producer.AddTap(now, tap);
        return true;
    }

    private static bool Remove(MediaTime now, Producer producer, RemoveTap command)
    {
        producer.RemoveTap(now, command.Tap);
        command.Detached?.Invoke();
        return true;
    }

    private static bool SetLease(MediaTime now, Producer producer, SetRecorderLease set)
    {
        producer.Lease = set.Lease;
        if (set.Lease is null) SetUnrecorded(now, producer, false);
        return true;
    }

    private RoutedTransport? Find(TransportId id)
    {
        foreach (RoutedTransport transport in room.Transports)
            if (transport.Id == id) return transport;
        return null;
    }

    private bool Add(MediaTime now, AddProducer add)
    {
        if (Find(add.Transport) is not { } transport || !context.Index.TryAdd(add.Producer, room.Room)) return false;
        var producer = new Producer(add.Producer, transport, add.Parameters, context.Ingress.PerTrack) { Lease = add.Lease };
        if (add.Tap is { } tap) producer.AddTap(now, tap);
        _producers.Add(add.Producer, producer);
        transport.Producers.Add(producer);
        context.Counters.Producers[(int)producer.Kind]++;
        if (producer.Kind == MediaKind.Audio)
        {
            producer.Speaker = room.Speakers.Add(now, producer);
            room.WakeRoom(room.Speakers.NextDeadline);
        }

        return true;
    }

    /// <summary>A track comes from another worker.</summary>
    private bool Add(MediaTime now, AddPipedProducer add)
    {
        if (!context.Index.TryAdd(add.Channel.Edge, room.Room)) return false;
        var producer = new Producer(add.Channel.Edge, room.AddRemote(now, add.Publisher), add.Parameters, default);
        producer.Inlet = new PipeInlet(room, context, producer, add.Channel);
        _producers.Add(producer.Id, producer);
        producer.Transport.Producers.Add(producer);
        context.Pipes.Add(producer.Inlet);
        producer.Inlet.Open();
        return true;
    }

    /// <summary>An edge asks for something of a producer. What came by pipe is never piped on.</summary>
    private bool Serve(MediaTime now, Producer producer, PipeRequest request)
    {
        PipeOutlet? outlet = producer.Outlets.Find(one => one.Channel == request.Channel);
        if (request is OpenPipe && producer.Inlet is null && !request.Channel.Pipe.Ring.IsWriterClosed)
        {
            context.Pipes.AddWriter(request.Channel.Pipe);
            if (outlet is null) producer.Outlets.Add(outlet = new PipeOutlet(room, producer, request.Channel));
            outlet.Begin();
            return true;
        }

        if (outlet is null) return false;
        if (request is ClosePipe) producer.Outlets.Remove(outlet);
        else if (request is WantPiped want) outlet.Want(now, want.Encodings);
        else if (request is RequestPipedKeyFrame frame) outlet.OnKeyFrameRequest(now, frame.Encoding);
        return true;
    }

    /// <summary>Takes what was negotiated anew.</summary>
    internal static bool Update(MediaTime now, Producer producer, ProducerParameters parameters)
    {
        foreach (RtpStream gone in producer.Update(parameters)) RoomRouter.Retire(now, gone);
        foreach (Consumer consumer in producer.Consumers.All) consumer.Aim(now);
        foreach (PipeOutlet outlet in producer.Outlets) outlet.OnUpdated();
        return true;
    }

    private bool Add(MediaTime now, AddConsumer add)
    {
        if (Find(add.Transport) is not { } transport || !_producers.TryGetValue(add.Producer, out Producer? producer)) return false;
        // Two consumers with one SSRC would protect two packets with one index (RFC 3711 section 9.1).
        if (transport.IsSending(add.Parameters.Ssrc) || add.Parameters.RtxSsrc is { } rtx && transport.IsSending(rtx)) return false;
        if (!context.Index.TryAdd(add.Consumer, room.Room)) return false;
        ulong seed = FirstNumbers.Derive(context.Seed, (ulong)add.Consumer.Value);
        var consumer = new Consumer(room, add.Consumer, transport, producer, add.Parameters, seed);
        _consumers.Add(add.Consumer, consumer);
        transport.Consumers.Add(consumer);
        context.Counters.Consumers[(int)producer.Kind]++;
        if (transport.IsConnected) consumer.Begin(now);
        return true;
    }
}
