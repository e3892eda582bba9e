using Sfu.Rooms;
using Sfu.Security;

namespace Sfu.Signalling.Sessions;

/// <summary>A token that opens a room, checked: who joins what.</summary>
/// <param name="Room">The room.</param>
/// <param name="Token">The token.</param>
internal sealed record Admission(RoomKey Room, AccessToken Token)
{
    /// <summary>Reads from a token which room it opens.</summary>
    /// <param name="token">A token that was validated.</param>
    /// <param name="problem">Why it opens none, when the result is null.</param>
    public static Admission? From(AccessToken token, out string problem)
    {
        problem = "";
        if (!token.Grants.RoomJoin) problem = "The token has no roomJoin grant.";
        else if (!Names.IsIdentity(token.Identity)) problem = "The token names no identity that can join.";
        else if (RoomKey.TryCreate(token.Tenant, token.Grants.Room, out RoomKey room)) return new Admission(room, token);
        else problem = "The token names no room.";
        return null;
    }

    /// <summary>The request to the room.</summary>
    /// <param name="session">The new session.</param>
    /// <param name="secretHash">Hash of its secret, or empty.</param>
    /// <param name="node">This process.</param>
    /// <param name="client">What it connects with.</param>
    /// <param name="endsWithToken">The participant must go when the token ends.</param>
    public JoinRequest ToRequest(SessionId session, string secretHash, string node, ClientInfo client, bool endsWithToken) => new()
    {
        Identity = Token.Identity,
        Name = Token.Name,
        Metadata = Token.Metadata,
        Rights = Token.ToRights(),
        Session = session,
        SecretHash = secretHash,
        Node = node,
        Client = client,
        MayCreate = Token.Grants.RoomCreate,
        Recording = Token.Grants.Recording,
        ConsentText = Token.Grants.RecordingConsent,
        ExpiresAt = endsWithToken ? Token.ExpiresAt : null,
    };
}
