using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>A participant with a model browser: offers what its transceivers say and checks every answer.</summary>
internal sealed class TestClient(int number, Participant self, IMediaSession session, RecordingSink sink)
{
    public ParticipantId Id => self.Id;

    public Participant Self => self;

    public IMediaSession Session => session;

    public RecordingSink Sink => sink;

    /// <summary>The present connection.</summary>
    public ModelConnection Connection { get; private set; } = new(number, 0);

    /// <summary>What the last answer said about each section.</summary>
    public IReadOnlyDictionary<string, AnsweredSection> Sections { get; private set; } = new Dictionary<string, AnsweredSection>();

    /// <summary>The last answer.</summary>
    public SessionDescription? Answer { get; private set; }

    /// <summary>Tracks it receives, by the last answer.</summary>
    public IEnumerable<TrackId> Received => Sections.Values.Where(s => s is { Track: not null, Refused: null } && s.Participant != Id).Select(s => s.Track!.Value);

    /// <summary>Tracks it publishes, by the last answer.</summary>
    public IEnumerable<TrackId> Published => Sections.Values.Where(s => s.Track is not null && s.Participant == Id).Select(s => s.Track!.Value);

    /// <summary>Throws the connection away and makes a new one, with another certificate.</summary>
    public void Reconnect() => Connection = new ModelConnection(number, Connection.Generation + 1);

    /// <summary>Offers and applies the answer.</summary>
    public async Task<MediaAnswer> OfferAsync(IReadOnlyDictionary<string, TrackLabel>? labels = null)
    {
        MediaAnswer answer = await TryOfferAsync(labels);
        Assert.True(answer.Error is null, $"{answer.Error}");
        return answer;
    }

    /// <summary>Offers; applies the answer when there is one.</summary>
    public async Task<MediaAnswer> TryOfferAsync(IReadOnlyDictionary<string, TrackLabel>? labels = null)
    {
        string offer = Connection.Offer();
        MediaAnswer answer = await session.OfferAsync(offer, labels ?? new Dictionary<string, TrackLabel>());
        if (answer.Sdp is null)
        {
            Assert.NotNull(answer.Error);
            Assert.Empty(answer.Sections);
            return answer;
        }

        Answer = AnswerCheck.Parse(answer.Sdp);
        AnswerCheck.Verify(AnswerCheck.Parse(offer), Answer, answer.Sections, Id, ((MediaSession)session).IsPlayer);
        Sections = answer.Sections;
        Connection.Apply(Answer);
        return answer;
    }

    /// <summary>Does what a negotiate message asks for.</summary>
    public Task<MediaAnswer> FollowAsync((int Audio, int Video, string Reason) negotiate)
    {
        for (int i = 0; i < negotiate.Audio; i++) Connection.Add("audio", SdpDirection.RecvOnly);
        for (int i = 0; i < negotiate.Video; i++) Connection.Add("video", SdpDirection.RecvOnly);
        return OfferAsync();
    }
}
