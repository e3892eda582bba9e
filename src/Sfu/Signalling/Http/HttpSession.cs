using System.Security.Cryptography;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Http;

/// <summary>One participation by WHIP or WHEP: it has no socket, so its media path and its DELETE decide how long it lives.</summary>
/// <remarks>What rooms and media say runs in its <see cref="Mailbox"/>. Public members may be used on any thread.</remarks>
#pragma warning disable CA1001 // what it owns is released by Release, whichever way it ends
internal sealed class HttpSession : IRoomMember, IMediaSessionSink
#pragma warning restore CA1001
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly SessionServices _services;
    private readonly HttpSessionRegistry _registry;
    private readonly Participant _self;
    private readonly RoomKey _room;
    private readonly Mailbox _mailbox;
    private readonly LifeClock _life;
    private readonly ITimer _timer;
    private readonly IMediaSession _media;
    private readonly RoomFollower _follower;
    private readonly long _startedAt;
    private readonly Lock _gate = new();
    private string _remoteUfrag;
    private bool _wasConnected;
    private int _isEnded;

    /// <summary>Opens the media of a participant that joined, and follows its room.</summary>
    /// <param name="services">The rest of the process.</param>
    /// <param name="registry">Where it is found until it ends.</param>
    /// <param name="signal">The endpoint it was made at.</param>
    /// <param name="joined">What the room answered.</param>
    /// <param name="offer">Whose credentials are the first.</param>
    /// <param name="startedAt">When the POST came, a timestamp of the clock.</param>
    public HttpSession(
        SessionServices services, HttpSessionRegistry registry, HttpSignal signal, JoinAccepted joined, OfferFacts offer, long startedAt)
    {
        (_services, _registry, Signal, _self, _room) = (services, registry, signal, joined.Self, joined.Room.Room.Key);
        (_startedAt, _remoteUfrag, FirstMid) = (startedAt, offer.Ufrag, offer.FirstMid);
        _mailbox = new Mailbox(services.Run, OnBroken);
        TimeSpan now = services.Monotonic(services.Time.GetTimestamp());
        _life = new LifeClock(now + services.Options.HttpConnectTimeout, services.Options.WhepLinger, signal.Identity);
        _timer = services.Time.CreateTimer(_ => _mailbox.Post(CheckTime), null, services.Options.HttpConnectTimeout, Timeout.InfiniteTimeSpan);
        var mode = new MediaSessionMode(signal.Protocol == ClientProtocol.Whep, signal.Identity, IsAllOrNothing: true);
        _media = services.Media.Open(_room, joined.Room, _self, mode, this);
        _follower = new RoomFollower(
            services.Hub, _room, joined.Room.Seq, (_, entry) => _mailbox.Post(() => OnRoomEvent(entry)), services.Time, services.Logger);
        services.Registry.Enter(_room, this);
        _follower.Start();
    }

    /// <summary>The last part of its address; 160 random bits.</summary>
    public string UrlId { get; } = RandomNumberGenerator.GetString(Alphabet, 32);

    /// <summary>The endpoint it was made at.</summary>
    public HttpSignal Signal { get; }

    /// <summary>Names the present ICE session; strong, with quotes.</summary>
    public string ETag { get; private set; } = NewTag();

    /// <summary>The mid that candidates of the one transport are listed under.</summary>
    public string FirstMid { get; }

    /// <inheritdoc/>
    public ParticipantId ParticipantId => _self.Id;

    /// <inheritdoc/>
    public bool IsHidden => _self.Rights.Hidden;

    /// <summary>True for tokens of the participant that made it.</summary>
    public bool BelongsTo(Admission admission) => admission.Room == _room && admission.Token.Identity == _self.Identity;

    /// <summary>Answers the offer it was made with and becomes reachable, or ends.</summary>
    public async Task<MediaAnswer> OfferAsync(string sdp, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_services.Options.RequestTimeout, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            MediaAnswer answer = await _media.OfferAsync(sdp, new Dictionary<string, TrackLabel>(), either.Token)
                .WaitAsync(2 * _services.Options.RequestTimeout, _services.Time, cancellation);
            if (answer.Sdp is null) await EndAsync(LeaveReason.ConnectionFailed, "offer refused");
            else Publish();
            return answer;
        }
        catch
        {
            await EndAsync(LeaveReason.ConnectionFailed, "offer failed");
            throw;
        }
    }

    /// <summary>Restarts ICE when the credentials are new (RFC 9725 section 4.3.2).</summary>
    /// <param name="remote">The client's credentials.</param>
    /// <param name="restart">Our side, for new credentials that were taken; else null.</param>
    /// <returns>False when the restart was refused; everything is as before then.</returns>
    public bool TryRestart(IceCredentials remote, out IceRestart? restart)
    {
        restart = null;
        lock (_gate)
        {
            if (remote.Ufrag == _remoteUfrag) return true;
            restart = _media.RestartIce(remote);
            if (restart is null) return false;
            _remoteUfrag = remote.Ufrag;
            ETag = NewTag();
            return true;
        }
    }

    /// <summary>Ends the participation; the room knows when the task ends, or in time.</summary>
    /// <returns>False when it was over already.</returns>
    public async Task<bool> EndAsync(LeaveReason reason, string detail)
    {
        if (!Release(detail)) return false;
        Task leaving = RoomDeparture.LeaveAsync(_services, _services.Rooms(_room), _self.Session, _self.Id, reason, detail);
        await Task.WhenAny(leaving, Task.Delay(_services.Options.RequestTimeout, _services.Time));
        return true;
    }

    /// <summary>Nobody listens.</summary>
    bool IMediaSessionSink.FollowsRoom => false;

    /// <summary>It has no socket.</summary>
    public void Deliver(ReadOnlyMemory<byte> frame)
    {
    }

    /// <summary>Nothing is negotiated again (RFC 9725 section 4.4).</summary>
    void IMediaSessionSink.OnNegotiate(int audio, int video, string reason)
    {
    }

    /// <inheritdoc/>
    void IMediaSessionSink.OnMediaConnected() => _mailbox.Post(() =>
    {
        if (!_wasConnected) _services.JoinTimes.Connected(_services.Time.GetElapsedTime(_startedAt));
        _wasConnected = true;
        _life.Connected();
    });

    /// <inheritdoc/>
    void IMediaSessionSink.OnFirstMedia(MediaKind kind, TimeSpan waited) =>
        _mailbox.Post(() => _services.JoinTimes.FirstMedia(kind, _services.Time.GetElapsedTime(_startedAt), waited));

    /// <inheritdoc/>
    void IMediaSessionSink.OnMediaClosed(string reason) => _mailbox.Post(() =>
    {
        LeaveReason leave = reason == "closed_by_client" ? LeaveReason.ClientLeft
            : _wasConnected ? LeaveReason.Timeout : LeaveReason.ConnectionFailed;
        _ = EndAsync(leave, reason);
    });

    /// <summary>There is nobody to tell.</summary>
    void IMediaSessionSink.OnLayers(TrackId track, string? rid, int temporal, bool paused, string reason)
    {
    }

    /// <summary>There is nobody to tell.</summary>
    void IMediaSessionSink.OnSpeakers(ParticipantId? dominant, IReadOnlyList<Speaker> speakers)
    {
    }

    /// <summary>There is nobody to tell.</summary>
    void IMediaSessionSink.OnQuality(IReadOnlyList<ParticipantQuality> participants)
    {
    }

    private static string NewTag() => $"\"{RandomNumberGenerator.GetString(Alphabet, 16)}\"";

    private void Publish()
    {
        _registry.Add(this);
        // It may have ended meanwhile, when there was nothing to take out yet.
        if (Volatile.Read(ref _isEnded) != 0) _registry.Remove(this);
    }

    private void OnRoomEvent(LoggedEvent entry)
    {
        if (Volatile.Read(ref _isEnded) != 0) return;
        _media.OnEvent(entry);
        if (entry.Event is ParticipantLeft left && left.Participant == ParticipantId)
        {
            Release(left.Reason.ToString());
            return;
        }

        _life.OnEvent(entry.Event, _services.Monotonic(_services.Time.GetTimestamp()));
        CheckTime();
    }

    private void CheckTime()
    {
        if (Volatile.Read(ref _isEnded) != 0) return;
        TimeSpan now = _services.Monotonic(_services.Time.GetTimestamp());
        if (_life.Poll(now, out TimeSpan? next, out string detail) is { } reason) _ = EndAsync(reason, detail);
        else if (next is { } at) _timer.Change(at - now, Timeout.InfiniteTimeSpan);
    }

    private void OnBroken(Exception exception)
    {
        _services.Logger.SessionBroken(exception, _self.Session.Value);
        _ = EndAsync(LeaveReason.ConnectionFailed, "internal");
    }

    private bool Release(string why)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0) return false;
        _registry.Remove(this);
        _services.Registry.Exit(_room, this);
        _follower.Dispose();
        _timer.Dispose();
        _media.Dispose();
        _services.Logger.SessionOver(_self.Session.Value, why);
        return true;
    }
}
