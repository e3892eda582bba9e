using System.Threading.Channels;
using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Http;

/// <summary>Waits until a participant publishes what a player can receive, without joining: a player that comes first does not disturb
/// the room.</summary>
/// <remarks>A player offers once and is answered once, so a camera that starts a moment after the microphone would stay unseen.</remarks>
internal sealed class PublisherWait : IRoomEventSink
{
    /// <summary>More tracks than this within one wait tell nothing new.</summary>
    private const int MaxWaiting = 64;

    private readonly Channel<MediaKind> _published = Channel.CreateBounded<MediaKind>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly HashSet<ParticipantId> _candidates = [];
    private readonly HashSet<MediaKind> _missing;
    private readonly string _identity;

    private PublisherWait(string identity, Participant present, IEnumerable<MediaKind> wanted)
    {
        _identity = identity;
        _candidates.Add(present.Id);
        _missing = [.. wanted.Except(present.Tracks.Select(track => track.Kind))];
    }

    /// <summary>Waits for the first track, <see cref="Configuration.SignallingOptions.WhepWait"/> at most, and then for the kinds that are
    /// missing, until the newest track is <see cref="Configuration.SignallingOptions.WhepSettle"/> old.</summary>
    /// <param name="services">The rest of the process.</param>
    /// <param name="room">The room.</param>
    /// <param name="identity">Whose tracks.</param>
    /// <param name="wanted">The kinds of media that the player offers to receive.</param>
    /// <param name="cancellation">The client is gone.</param>
    /// <returns>Null when there is a track; else why not.</returns>
    public static async Task<HttpRefusal?> WaitAsync(
        SessionServices services, RoomKey room, string identity, IReadOnlySet<MediaKind> wanted, CancellationToken cancellation)
    {
        RoomSnapshot? snapshot = await services.Rooms(room).GetAsync().WaitAsync(services.Options.RequestTimeout, services.Time, cancellation);
        Participant? present = snapshot?.Participants.FirstOrDefault(participant => participant.Identity == identity && !participant.Rights.Hidden);
        if (present is null) return new HttpRefusal(404, ErrorCodes.NotFound, "No such participant is in the room.");

        var wait = new PublisherWait(identity, present, wanted);
        TimeSpan left = services.Options.WhepWait;
        if (present.Tracks.Count > 0) left = wait.Left(services, services.Time.GetUtcNow() - present.Tracks.Max(track => track.PublishedAt));
        bool isPublishing = present.Tracks.Count > 0;
        if (isPublishing && left <= TimeSpan.Zero) return null;

        using IDisposable subscription = await SubscribeAsync(services, room, snapshot!.Seq, wait, cancellation);
        while (await wait.NextAsync(services.Time, left, cancellation) is { } kind)
        {
            isPublishing = true;
            wait._missing.Remove(kind);
            left = wait.Left(services, TimeSpan.Zero);
            if (left <= TimeSpan.Zero) return null;
        }

        return isPublishing ? null : new HttpRefusal(404, "not_publishing", "The participant publishes nothing; try again when it does.");
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
                _published.Writer.TryWrite(published.Track.Kind);
                break;
        }
    }

    private static async Task<IDisposable> SubscribeAsync(
        SessionServices services, RoomKey room, long since, PublisherWait wait, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(services.Options.RequestTimeout, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        return await services.Hub.SubscribeAsync(room, since, wait, either.Token);
    }

    /// <summary>How long to wait for more when the newest track is of this age.</summary>
    private TimeSpan Left(SessionServices services, TimeSpan age) => _missing.Count == 0 ? TimeSpan.Zero : services.Options.WhepSettle - age;

    /// <summary>The kind of the next track; null when the time is over.</summary>
    private async Task<MediaKind?> NextAsync(TimeProvider time, TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await _published.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
