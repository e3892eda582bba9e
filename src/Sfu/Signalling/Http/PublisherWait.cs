using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Http;

/// <summary>Waits until a participant publishes, without joining: a player that comes first does not disturb the room.</summary>
internal sealed class PublisherWait : IRoomEventSink
{
    private readonly TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<ParticipantId> _candidates = [];
    private readonly string _identity;

    private PublisherWait(string identity, ParticipantId present)
    {
        _identity = identity;
        _candidates.Add(present);
    }

    /// <summary>Waits for the first track.</summary>
    /// <param name="services">The rest of the process.</param>
    /// <param name="room">The room.</param>
    /// <param name="identity">Whose track.</param>
    /// <param name="cancellation">The client is gone.</param>
    /// <returns>Null when there is a track; else why not.</returns>
    public static async Task<HttpRefusal?> WaitAsync(SessionServices services, RoomKey room, string identity, CancellationToken cancellation)
    {
        RoomSnapshot? snapshot = await services.Rooms(room).GetAsync().WaitAsync(services.Options.RequestTimeout, services.Time, cancellation);
        Participant? present = snapshot?.Participants.FirstOrDefault(participant => participant.Identity == identity && !participant.Rights.Hidden);
        if (present is null) return new HttpRefusal(404, ErrorCodes.NotFound, "No such participant is in the room.");
        if (present.Tracks.Count > 0) return null;

        var wait = new PublisherWait(identity, present.Id);
        using var limit = new CancellationTokenSource(services.Options.WhepWait, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using IDisposable subscription = await services.Hub.SubscribeAsync(room, snapshot!.Seq, wait, either.Token);
            await wait._published.Task.WaitAsync(either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new HttpRefusal(404, "not_publishing", "The participant publishes nothing; try again when it does.");
        }
    }

    /// <inheritdoc/>
    public void OnEvent(LoggedEvent loggedEvent)
    {
        switch (loggedEvent.Event)
        {
            case ParticipantJoined { Participant: { Rights.Hidden: false } joined } when joined.Identity == _identity:
                _candidates.Add(joined.Id);
                break;
            case ParticipantAdmitted { Participant: { Rights.Hidden: false } admitted } when admitted.Identity == _identity:
                _candidates.Add(admitted.Id);
                break;
            case TrackPublished published when _candidates.Contains(published.Track.Participant):
                _published.TrySetResult();
                break;
        }
    }
}
