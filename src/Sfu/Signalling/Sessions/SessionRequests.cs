using Sfu.Nodes;
using Sfu.Observability;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <summary>What a participant that is in the room may ask for (docs/signalling.md section 3).</summary>
/// <remarks>Used in the session's mailbox only.</remarks>
internal sealed class SessionRequests(Session session, SessionServices services, IRoomGrain room) : IDisposable
{
    private readonly RequestQueue _queue = new(session, services);
    private readonly OfferExchange _offers = new(session, services);
    private readonly MessageBucket _data = new(services.Options.DataBytesPerSecond, 4 * services.Options.DataBytesPerSecond, services.Time);

    private RoomActor Actor => RoomActor.Of(session.ParticipantId);

    /// <summary>Carries out one message.</summary>
    public void Handle(IClientSocket socket, IMediaSession media, ClientMessage message)
    {
        int? id = message.Id;
        switch (message)
        {
            case OfferMessage offer:
                _offers.OnOffer(socket, media, offer);
                break;
            case CandidateMessage:
                session.Reply(id, null);
                break;
            case PublishMessage publish:
                _queue.Add(socket, id, () => room.UpdateTrackAsync(session.ParticipantId, publish.Track, publish.Source, publish.Name));
                break;
            case UnpublishMessage unpublish:
                _queue.Add(socket, id, () => room.UnpublishAsync(session.ParticipantId, [unpublish.Track], UnpublishReason.Unpublished));
                break;
            case SubscribeMessage subscribe:
                Subscribe(media, subscribe);
                break;
            case LayersMessage layers:
                session.Reply(id, media.SetLayers(layers.Track, layers.Wish));
                break;
            case MuteMessage mute:
                _queue.Add(socket, id, () => room.MuteTrackAsync(Actor, mute.Track, mute.Muted));
                break;
            case ConsentMessage consent:
                _queue.Add(socket, id, () => room.ConsentAsync(Actor, session.ParticipantId, consent.Granted));
                break;
            case RecordMessage record:
                Record(socket, record);
                break;
            case DataMessage data:
                SendData(data);
                break;
            default:
                HandleAdmin(socket, message);
                break;
        }
    }

    /// <summary>The socket was lost or replaced.</summary>
    public void OnSocketGone() => _offers.OnSocketGone();

    /// <inheritdoc/>
    public void Dispose() => _offers.Dispose();

    private void HandleAdmin(IClientSocket socket, ClientMessage message)
    {
        Func<Task<RoomOutcome>>? call = message switch
        {
            KickMessage kick => () => room.KickAsync(Actor, kick.Participant, kick.Reason),
            MuteAllMessage mute => () => room.MuteAllAsync(Actor, mute.Kind),
            LockMessage change => () => room.LockAsync(Actor, change.Locked),
            AdmitMessage { Admitted: true } admit => () => room.AdmitAsync(Actor, admit.Participant),
            AdmitMessage refuse => () => room.RefuseAsync(Actor, refuse.Participant),
            _ => null,
        };
        if (call is null) session.Refuse(message.Id, ErrorCodes.BadState, "The session has joined already.");
        else if (!session.Rights.Admin) session.Refuse(message.Id, ErrorCodes.Forbidden, "This needs roomAdmin in the token.");
        else _queue.Add(socket, message.Id, call);
    }

    private void Record(IClientSocket socket, RecordMessage message)
    {
        if (!session.Rights.Admin || !session.Rights.Record)
        {
            session.Refuse(message.Id, ErrorCodes.Forbidden, "This needs roomAdmin and roomRecord in the token.");
            return;
        }

        IRecordingGrain recordings = services.Recordings.Get(session.Room);
        _queue.Add(socket, message.Id, async () =>
        {
            RecordingAnswer answer = message.Action switch
            {
                RecordAction.Start => await room.StartRecordingAsync(Actor),
                RecordAction.Pause => await PauseAsync(recordings, message),
                RecordAction.Resume => await recordings.ResumeAsync(null, message.Participant, Actor),
                _ => await recordings.StopAsync(null, Actor),
            };
            return new RoomOutcome(answer.Error);
        });
    }

    private async Task<RecordingAnswer> PauseAsync(IRecordingGrain recordings, RecordMessage message)
    {
        // The room knows who came last; who has left is known to the owner of the recording, which refuses a pause of nobody.
        RoomSnapshot? now = message.Participant is null ? null : await room.GetAsync();
        string? identity = now?.Participants.FirstOrDefault(one => one.Id == message.Participant)?.Identity;
        TimeSpan? ends = message.ForMs is { } time ? TimeSpan.FromMilliseconds(time) : null;
        return await recordings.PauseAsync(null, new PauseWish(message.Participant, message.Reason, message.Text, ends, identity), Actor);
    }

    private void Subscribe(IMediaSession media, SubscribeMessage message)
    {
        if (!session.Rights.Subscribe) session.Refuse(message.Id, ErrorCodes.Forbidden, "The token does not allow to subscribe.");
        else session.Reply(message.Id, media.Subscribe(message.Tracks, message.On));
    }

    private void SendData(DataMessage data)
    {
        // A message from nobody would be worse than none: who is hidden cannot be named as the sender.
        if (!session.Rights.Data || session.Rights.Hidden)
        {
            session.Refuse(data.Id, ErrorCodes.Forbidden, "The token does not allow to send data.");
            return;
        }

        if (!services.Registry.TryFindReceivers(session.Room, session.ParticipantId, data.To, out List<IRoomMember> receivers))
        {
            session.Refuse(data.Id, ErrorCodes.NotFound, "Somebody in to is not in the room.", "to");
            return;
        }

        if (!_data.TryTake((data.Text ?? data.Base64)!.Length + data.Topic.Length, out TimeSpan wait))
        {
            services.Metrics.LimitHit(LimitKind.Messages);
            session.Send(new ErrorMessage(data.Id, ErrorCodes.Limit, null, "Too much data: this message is dropped.", (long)Math.Ceiling(wait.TotalMilliseconds)));
            return;
        }

        byte[] frame = ServerMessageContext.Write(new DataDeliveryMessage(
            session.ParticipantId.Value, data.To is not null, data.Topic, data.Text, data.Base64, services.Time.GetUtcNow().ToUnixTimeMilliseconds()));
        // What is said in private is part of the call too; the recorder decides whether it may be kept.
        services.Recorder.OnData(session.Room, session.ParticipantId, frame);
        foreach (IRoomMember receiver in receivers) receiver.Deliver(frame);
        session.Reply(data.Id, null);
    }
}
