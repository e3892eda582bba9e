using Sfu.Media.Ice;
using Sfu.Nodes;
using Sfu.Rooms;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>Opens media sessions that note what they are told and answer what the test says.</summary>
internal sealed class FakeMedia : IMediaSessions
{
    private readonly Lock _gate = new();

    public List<FakeMediaSession> Opened { get; } = [];

    public FakeMediaSession Last => Opened[^1];

    /// <summary>Answers of sessions opened from now on.</summary>
    public Func<string, MediaAnswer> Answer { get; set; } = _ => FakeMediaSession.Good;

    /// <summary>Offers of sessions opened from now on wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public IMediaSession Open(RoomKey room, RoomSnapshot snapshot, Participant self, MediaSessionMode mode, IMediaSessionSink sink)
    {
        var session = new FakeMediaSession(room, snapshot, self, mode, sink) { Answer = Answer, Gate = Gate };
        lock (_gate) Opened.Add(session);
        return session;
    }
}

/// <summary>One media session of a test.</summary>
internal sealed class FakeMediaSession(RoomKey room, RoomSnapshot snapshot, Participant self, MediaSessionMode mode, IMediaSessionSink sink) : IMediaSession
{
    public static MediaAnswer Good { get; } = new("v=0\r\nanswer\r\n", new Dictionary<string, AnsweredSection>(), null);

    public RoomKey Room => room;

    public RoomSnapshot Snapshot => snapshot;

    public Participant Self => self;

    public MediaSessionMode Mode => mode;

    public IMediaSessionSink Sink => sink;

    public Func<string, MediaAnswer> Answer { get; set; } = _ => Good;

    /// <summary>Offers wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The next offers throw it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Offers do not heed their cancellation.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>The next events throw it.</summary>
    public Exception? EventFailure { get; set; }

    public RoomError? Refusal { get; set; }

    public IceRestart? Restart { get; set; } = new(new IceCredentials("newufrag", "newpasswordnewpassword"), ["1 1 udp 1 192.0.2.7 7882 typ host"]);

    public List<long> Events { get; } = [];

    public List<string> Calls { get; } = [];

    public List<IReadOnlyDictionary<string, TrackLabel>> Labels { get; } = [];

    public bool IsDisposed { get; private set; }

    public ParticipantId Participant => self.Id;

    public bool IsConnected { get; set; }

    public void OnEvent(LoggedEvent entry)
    {
        if (EventFailure is { } failure) throw failure;
        Events.Add(entry.Seq);
    }

    public async Task<MediaAnswer> OfferAsync(
        string sdp, IReadOnlyDictionary<string, TrackLabel> labels, CancellationToken cancellation = default)
    {
        Calls.Add($"offer {sdp}");
        Labels.Add(labels);
        await Gate.WaitAsync(IsDeaf ? CancellationToken.None : cancellation);
        return Failure is { } failure ? throw failure : Answer(sdp);
    }

    public IceRestart? RestartIce(IceCredentials remote)
    {
        Calls.Add($"restart {remote.Ufrag}");
        return Restart;
    }

    public RoomError? Subscribe(IReadOnlyList<TrackId> tracks, bool on)
    {
        Calls.Add($"subscribe {string.Join(',', tracks)} {on}");
        return Refusal;
    }

    public RoomError? SetLayers(TrackId track, LayerWish wish)
    {
        Calls.Add($"layers {track} {wish.Width}x{wish.Height}@{wish.FramesPerSecond} {wish.Priority} {wish.IsPaused}");
        return Refusal;
    }

    public void Replay() => Calls.Add("replay");

    public void Dispose() => IsDisposed = true;
}
