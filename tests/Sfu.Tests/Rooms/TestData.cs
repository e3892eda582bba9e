using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>Requests that differ only where a test says so.</summary>
internal static class TestData
{
    public const string Node = "N_test";

    public static RoomKey Key { get; } = new("acme", "sales");

    public static DateTimeOffset Start { get; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static ParticipantRights Rights { get; } = new(true, true, true, false, false, false, []);

    public static ParticipantRights Host { get; } = Rights with { Admin = true };

    public static JoinRequest Join(string identity, ParticipantRights? rights = null, bool mayCreate = true, string node = Node) => new()
    {
        Identity = identity,
        Name = identity.ToUpperInvariant(),
        Rights = rights ?? Rights,
        Session = ServerIds.NewSession(),
        SecretHash = "hash-of-" + identity,
        Node = node,
        Client = new ClientInfo(ClientProtocol.WebSocket, "test", "1"),
        MayCreate = mayCreate,
    };

    public static TrackDraft Microphone { get; } = new(MediaKind.Audio, TrackSource.Microphone);

    public static TrackDraft Camera { get; } = new(MediaKind.Video, TrackSource.Camera);
}
