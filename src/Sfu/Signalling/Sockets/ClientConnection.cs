using Sfu.Observability;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Sockets;

/// <summary>The protocol of one socket: reads frames, keeps the rate and the count of bad ones, joins, then hands messages to the session.</summary>
/// <remarks>Owned by the request that was upgraded; frames come one at a time.</remarks>
internal sealed class ClientConnection
{
    private const int MaxBadMessages = 10;

    private readonly SocketConnection _socket;
    private readonly SessionServices _services;
    private readonly JoinHandler _joins;
    private readonly Caller _caller;
    private readonly AddressLimits.SocketLease _lease;
    private readonly MessageBucket _bucket;
    private CancellationToken _gone;
    private Task<Session?>? _joining;
    private Session? _session;
    private int _badMessages;

    /// <summary>Takes over a socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="lease">Its place among those of its address.</param>
    /// <param name="services">The rest of the process.</param>
    /// <param name="joins">Answers the <c>join</c>.</param>
    /// <param name="caller">Who opened it.</param>
    public ClientConnection(
        SocketConnection socket, AddressLimits.SocketLease lease, SessionServices services, JoinHandler joins, Caller caller)
    {
        (_socket, _lease, _services, _joins, _caller) = (socket, lease, services, joins, caller);
        _bucket = new MessageBucket(services.Options.MessagesPerSecond, services.Options.MessageBurst, services.Time);
    }

    /// <summary>Serves the socket until it is gone.</summary>
    /// <param name="aborted">The connection below is gone.</param>
    public async Task RunAsync(CancellationToken aborted)
    {
        using var gone = new CancellationTokenSource();
        _gone = gone.Token;
        try
        {
            await _socket.RunAsync(OnFrameAsync, aborted);
        }
        finally
        {
            await gone.CancelAsync();
            Session? session = _joining is null ? null : await _joining;
            session?.OnSocketLost(_socket);
        }
    }

    /// <summary>The process stops; safe on any thread.</summary>
    public void Stop()
    {
        if (Volatile.Read(ref _session) is { } session) session.Stop();
        else _socket.Close(CloseCodes.Later, ServerMessageContext.Write(Farewell.Stopping().Bye));
    }

    private async Task OnFrameAsync(ReadOnlyMemory<byte> frame)
    {
        ReadResult read = ClientMessageReader.Read(frame);
        if (!_bucket.TryTake(out TimeSpan wait))
        {
            _services.Metrics.LimitHit(LimitKind.Messages);
            long waitMs = (long)Math.Ceiling(wait.TotalMilliseconds);
            Send(new ErrorMessage(read.Message?.Id ?? read.Re, ErrorCodes.Limit, null, "Too many messages: this one is dropped.", waitMs));
            // Whoever goes on sending is read no faster than the rate: the network holds the rest back.
            await Task.Delay(wait, _services.Time);
            return;
        }

        if (read.Message is { } message) OnMessage(message);
        else OnBadMessage(read.Problem!, read.Re);
    }

    private void OnBadMessage(MessageProblem problem, int? re)
    {
        var error = new ErrorMessage(re, ErrorCodes.BadMessage, problem.Field, problem.Message, null);
        if (++_badMessages >= MaxBadMessages || _joining is null) _socket.Close(CloseCodes.Policy, ServerMessageContext.Write(error));
        else Send(error);
    }

    private void OnMessage(ClientMessage message)
    {
        if (Volatile.Read(ref _session) is { } session)
        {
            session.OnMessage(_socket, message);
        }
        else if (_joining is not null)
        {
            OnMessageWhileJoining(message);
        }
        else if (message is JoinMessage join)
        {
            _joining = JoinAsync(join);
        }
        else
        {
            var error = new ErrorMessage(message.Id, ErrorCodes.BadState, null, "The first message must be join.", null);
            _socket.Close(CloseCodes.Policy, ServerMessageContext.Write(error));
        }
    }

    private void OnMessageWhileJoining(ClientMessage message)
    {
        switch (message)
        {
            case PingMessage ping:
                Send(new PongMessage(ping.Id, ping.T, _services.Time.GetUtcNow().ToUnixTimeMilliseconds()));
                break;
            case LeaveMessage leave:
                // The loss of the socket takes back a join that succeeds all the same.
                _socket.Close(CloseCodes.Done, ServerMessageContext.Write(Farewell.Left(leave.Id).Bye));
                break;
            default:
                Send(new ErrorMessage(message.Id, ErrorCodes.BadState, null, "The join is not answered yet.", null));
                break;
        }
    }

    private async Task<Session?> JoinAsync(JoinMessage join)
    {
        JoinReply reply = await _joins.HandleAsync(_socket, join, _caller, session => Volatile.Write(ref _session, session), _gone);
        if (reply.Session is { } session)
        {
            _socket.MarkJoined();
            _lease.MarkJoined();
            return session;
        }

        _socket.Close(reply.CloseCode, ServerMessageContext.Write(reply.Error!));
        return null;
    }

    private void Send(ServerMessage message) => _socket.Send(ServerMessageContext.Write(message));
}
