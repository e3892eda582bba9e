using Sfu.Observability;
using Sfu.Placement;
using Sfu.Rooms;
using Sfu.Security;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <summary>Answers <c>join</c>: goes on with a session, or checks the token and joins its room.</summary>
internal sealed class JoinHandler(SessionServices services, ITokenValidator tokens, IRoomAdmission admission, AddressLimits limits)
{
    /// <summary>Joins or resumes; the session then speaks to the socket.</summary>
    /// <param name="socket">Whose <c>join</c> it is.</param>
    /// <param name="join">The message.</param>
    /// <param name="caller">Who opened the socket; a token in the message wins over the one of the upgrade.</param>
    /// <param name="attach">Takes the session before it speaks: the client may answer what it says before this method has returned.</param>
    /// <param name="gone">The socket is lost.</param>
    public async Task<JoinReply> HandleAsync(
        IClientSocket socket, JoinMessage join, Caller caller, Action<Session> attach, CancellationToken gone)
    {
        long startedAt = services.Time.GetTimestamp();
        try
        {
            if (join.Resume is { } ticket && await TryResumeAsync(socket, join, ticket, caller, attach, startedAt, gone) is { } resumed) return resumed;
            return await JoinAsync(socket, join, caller, attach, startedAt, gone);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            return JoinReply.Refused(Error(join, ErrorCodes.BadState, "The socket is lost."));
        }
#pragma warning disable CA1031 // the store or the cluster does not answer: the client gets a typed error, the log has the rest
        catch (Exception exception)
#pragma warning restore CA1031
        {
            services.Logger.JoinFailed(exception);
            return JoinReply.Refused(Error(join, ErrorCodes.Internal, "The room does not answer; try again.", 1000));
        }
    }

    private async Task<JoinReply> JoinAsync(
        IClientSocket socket, JoinMessage join, Caller caller, Action<Session> attach, long startedAt, CancellationToken gone)
    {
        if (!limits.MayTry(caller.Address, out TimeSpan wait)) return Blocked(join, wait);
        TokenOutcome outcome = await tokens.ValidateAsync(join.Token ?? caller.Token);
        if (outcome.Token is not { } token)
        {
            limits.Failed(caller.Address);
            services.Metrics.Joined(JoinResult.Unauthorized);
            return JoinReply.Refused(Error(join, ErrorCodes.Unauthorized, outcome.Problem ?? "The token is not good."));
        }

        token = token with
        {
            Name = token.Name.Length > 0 ? token.Name : join.Name,
            Metadata = token.Metadata.Length > 0 ? token.Metadata : join.Metadata,
        };
        if (Admission.From(token, out string problem) is not { } entry)
        {
            services.Metrics.Joined(JoinResult.Forbidden);
            return JoinReply.Refused(Error(join, ErrorCodes.Forbidden, problem));
        }

        string secret = SessionSecret.Create(entry.Room);
        var client = new ClientInfo(ClientProtocol.WebSocket, join.ClientName, join.ClientVersion);
        JoinRequest request = entry.ToRequest(
            ServerIds.NewSession(), SessionSecret.Hash(secret), services.Node.Id, client, services.Options.TokensEndCalls);
        switch (await admission.JoinAsync(entry.Room, request, gone))
        {
            case JoinAccepted accepted:
                Session joined = New(entry.Room, accepted.Self, secret, join, startedAt);
                attach(joined);
                joined.BeginJoined(socket, join.Id!.Value, accepted.Room);
                return JoinReply.Accepted(joined);
            case JoinWaiting waiting:
                Session waits = New(entry.Room, waiting.Self, secret, join, startedAt);
                attach(waits);
                waits.BeginWaiting(socket, join.Id!.Value, waiting);
                return JoinReply.Accepted(waits);
            case JoinRefused refused:
                return JoinReply.Refused(Wire.Of(refused.Error, join.Id));
            case var other:
                throw new InvalidOperationException($"Unknown outcome {other.GetType().Name}.");
        }
    }

    /// <summary>Goes on with a session.</summary>
    /// <returns>Null when there is none to go on with: the client joins anew, by its token.</returns>
    private async Task<JoinReply?> TryResumeAsync(
        IClientSocket socket, JoinMessage join, ResumeTicket ticket, Caller caller, Action<Session> attach, long startedAt,
        CancellationToken gone)
    {
        RoomKey room;
        if (services.Registry.TryFind(ticket.Session, out Session? session)) room = session.Room;
        else if (!SessionSecret.TryReadRoom(ticket.Secret, out room)) return null;
        // What this process does not know, anybody can claim.
        else if (!limits.MayTry(caller.Address, out TimeSpan wait)) return Blocked(join, wait);

        string secret = SessionSecret.Create(room);
        var request = new ResumeRequest(ticket.Session, SessionSecret.Hash(ticket.Secret), SessionSecret.Hash(secret), ticket.Seq, services.Node.Id);
        ResumeOutcome outcome = await admission.ResumeAsync(room, request, session is not null, gone);
        // Not now: whoever joined anew instead would lose its place in the call.
        if (outcome is ResumeRefused { Error: { Code: RoomErrorCode.Limit or RoomErrorCode.TryAgain } later }) return JoinReply.Refused(Wire.Of(later, join.Id));
        if (outcome is not ResumeAccepted accepted || accepted.Self.State != ParticipantState.Joined) return null;
        int id = join.Id!.Value;
        if (session is not null)
        {
            attach(session);
            if (await session.ResumeAsync(socket, id, accepted.Room, secret, ticket.Seq)) return JoinReply.Accepted(session);
        }

        // The room knows the session, this process does not: it was started again, or the session lived elsewhere.
        Session restored = New(room, accepted.Self, secret, join, startedAt);
        attach(restored);
        restored.BeginRestored(socket, id, accepted.Room, ticket.Seq);
        return JoinReply.Accepted(restored);
    }

    private JoinReply Blocked(JoinMessage join, TimeSpan wait)
    {
        services.Metrics.Joined(JoinResult.Limit);
        return JoinReply.Refused(Error(join, ErrorCodes.Limit, "Too many bad tokens came from this address.", (long)wait.TotalMilliseconds));
    }

    private Session New(RoomKey room, Participant self, string secret, JoinMessage join, long startedAt) =>
        new(services, room, self, secret, join.SubscribesAutomatically, startedAt);

    private static ErrorMessage Error(JoinMessage join, string code, string message, long? retryAfterMs = null) =>
        new(join.Id, code, null, message, retryAfterMs);
}
