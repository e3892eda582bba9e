using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <content>Coming back on another socket, and the proof that the client got its new secret.</content>
internal sealed partial class Session
{
    private bool _awaitsProof;
    private long _resumedAt;

    /// <summary>The client is back on another socket.</summary>
    /// <param name="socket">The new socket; one that is still there is closed.</param>
    /// <param name="joinId">The <c>join</c> that is answered.</param>
    /// <param name="snapshot">The room as it is.</param>
    /// <param name="secret">The new secret.</param>
    /// <param name="afterSeq">The last event the client saw.</param>
    /// <returns>False when the session is over.</returns>
    public Task<bool> ResumeAsync(IClientSocket socket, int joinId, RoomSnapshot snapshot, string secret, long afterSeq)
    {
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isPosted = Post(() => done.TrySetResult(TryResume(socket, joinId, snapshot, secret, afterSeq)));
        if (!isPosted) done.TrySetResult(false);
        return done.Task;
    }

    private bool TryResume(IClientSocket socket, int joinId, RoomSnapshot snapshot, string secret, long afterSeq)
    {
        if (_phase != Phase.Joined || _pendingFarewell is not null) return false;
        IClientSocket? old = _socket;
        (_socket, _joinId, _secret) = (socket, joinId, secret);
        old?.Close(CloseCodes.Replaced);
        _requests.OnSocketGone();
        _watch.SocketAttached();
        _self = snapshot.Participants.FirstOrDefault(participant => participant.Id == ParticipantId) ?? _self;
        LearnHidden(snapshot);
        Send(Joined(snapshot, resumed: true));
        AwaitProof();
        Replay(afterSeq, snapshot.Seq);
        _media?.Replay();
        return true;
    }

    private void AwaitProof() => (_awaitsProof, _resumedAt) = (true, _services.Time.GetTimestamp());

    /// <summary>Takes a message as proof that <c>joined</c> reached the client, so that the secret before is good no more.</summary>
    private void LearnProof(ClientMessage message)
    {
        if (!_awaitsProof) return;
        // These two may be sent before joined came, and be under way when it is lost; not so long after, when the client would have given up.
        if (message is PingMessage or LeaveMessage && _services.Time.GetElapsedTime(_resumedAt) < _services.Options.IdleTimeout) return;
        _awaitsProof = false;
        _ = ConfirmAsync(SessionSecret.Hash(_secret));
    }

    private async Task ConfirmAsync(string secretHash)
    {
        try
        {
            await _room.ConfirmAsync(Id, secretHash).WaitAsync(_services.Options.RequestTimeout, _services.Time);
        }
#pragma warning disable CA1031 // the store or the cluster does not answer: the secret before stays good until the next proof
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _services.Logger.SecretNotConfirmed(exception, Id.Value);
        }
    }
}
