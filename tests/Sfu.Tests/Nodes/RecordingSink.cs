using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>Keeps what a session was told.</summary>
internal sealed class RecordingSink : IMediaSessionSink
{
    private int _inside;

    public bool FollowsRoom { get; init; } = true;

    /// <summary>Keeps nothing of how good connections are, for tests that count what telling it costs.</summary>
    public bool ForgetsQuality { get; set; }

    public List<(int Audio, int Video, string Reason)> Negotiations { get; } = [];

    public List<string> Media { get; } = [];

    public List<(MediaKind Kind, double Seconds)> FirstMedia { get; } = [];

    public List<(TrackId Track, string? Rid, bool Paused, string Reason)> Layers { get; } = [];

    public List<(ParticipantId? Dominant, IReadOnlyList<Speaker> Speakers)> Speakers { get; } = [];

    public List<IReadOnlyList<ParticipantQuality>> Qualities { get; } = [];

    /// <summary>Runs inside each call, for tests of what a sink may do.</summary>
    public Action? Inside { get; set; }

    public void OnNegotiate(int audio, int video, string reason) => Enter(() => Negotiations.Add((audio, video, reason)));

    public void OnMediaConnected() => Enter(() => Media.Add("connected"));

    public void OnFirstMedia(MediaKind kind, TimeSpan waited) => Enter(() => FirstMedia.Add((kind, waited.TotalSeconds)));

    public void OnMediaClosed(string reason) => Enter(() => Media.Add(reason));

    public void OnLayers(TrackId track, string? rid, int temporal, bool paused, string reason) => Enter(() => Layers.Add((track, rid, paused, reason)));

    public void OnSpeakers(ParticipantId? dominant, IReadOnlyList<Speaker> speakers) => Enter(() => Speakers.Add((dominant, speakers)));

    public void OnQuality(IReadOnlyList<ParticipantQuality> participants)
    {
        if (!ForgetsQuality) KeepQuality(participants);
    }

    private void KeepQuality(IReadOnlyList<ParticipantQuality> participants) => Enter(() => Qualities.Add(participants));

    private void Enter(Action note)
    {
        Assert.Equal(1, Interlocked.Increment(ref _inside));
        lock (Negotiations) note();
        Inside?.Invoke();
        Interlocked.Decrement(ref _inside);
    }
}
