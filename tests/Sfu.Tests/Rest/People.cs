using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Tests.Rest;

/// <summary>Participants for tests.</summary>
internal static class People
{
    public static Participant Make(string identity, ParticipantState state = ParticipantState.Joined, bool admin = false, bool hidden = false) => new()
    {
        Id = new ParticipantId($"PA_{identity}"),
        Identity = identity,
        Name = identity.ToUpperInvariant(),
        Metadata = "note",
        State = state,
        Rights = new ParticipantRights(true, true, true, admin, hidden, false, []),
        JoinedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_001_000),
        Session = new SessionId("S_hidden-session"),
        SecretHash = "hidden-hash",
        Node = "hidden-node",
        Client = new ClientInfo(ClientProtocol.WebSocket, "page", "1"),
        Tracks = [new Track { Id = new TrackId($"TR_{identity}"), Participant = new ParticipantId($"PA_{identity}"), Kind = MediaKind.Audio, Source = TrackSource.Microphone }],
    };
}
