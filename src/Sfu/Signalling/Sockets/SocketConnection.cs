using System.Net.WebSockets;
using Sfu.Configuration;
using Sfu.Observability;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Sockets;

/// <summary>Carries frames over one WebSocket: sizes, deadlines, the queue of what goes out, and an orderly close.</summary>
/// <remarks>Owned by the request that was upgraded. One reader, one writer, one timer of a second; other threads only queue.</remarks>
internal sealed class SocketConnection : IClientSocket
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly SignallingOptions _options;
    private readonly TimeProvider _time;
    private readonly RoomMetrics _metrics;
    private readonly Outbox _outbox;
    private readonly Lock _gate = new();
    private readonly long _openedAt;
    private long _lastFrameAt;
    private long _frameBeganAt;
    private long _sendBeganAt;
    private long _closingAt;
    private int _closeCode;
    private volatile bool _isJoined;
    private volatile bool _isClosing;

    /// <summary>Takes over an accepted socket.</summary>
    public SocketConnection(WebSocket socket, SessionServices services)
    {
        (_socket, _options, _time, _metrics) = (socket, services.Options, services.Time, services.Metrics);
        _outbox = new Outbox(_options.OutgoingMessages, _options.OutgoingBytes);
        _openedAt = _lastFrameAt = _time.GetTimestamp();
    }

    /// <inheritdoc/>
    public bool IsOpen => !_isClosing;

    /// <inheritdoc/>
    public long LastFrameAt => Volatile.Read(ref _lastFrameAt);

    /// <summary>The close code that was sent or will be; 0 while open.</summary>
    public int CloseCode => Volatile.Read(ref _closeCode);

    /// <summary>The client joined: silence counts from here on, no longer the time to join.</summary>
    public void MarkJoined() => _isJoined = true;

    /// <summary>Reads and writes until the socket is gone; then nothing of it runs any more.</summary>
    /// <param name="onFrame">Takes one text frame; the memory is valid until its task ends. Is not called after a close began.</param>
    /// <param name="aborted">The connection below is gone.</param>
    public async Task RunAsync(Func<ReadOnlyMemory<byte>, Task> onFrame, CancellationToken aborted)
    {
        using CancellationTokenRegistration registration = aborted.Register(Abort);
        await using ITimer timer = _time.CreateTimer(static state => ((SocketConnection)state!).CheckDeadlines(), this, Tick, Tick);
        Task writing = WriteAsync();
        await ReadAsync(onFrame);
        // The other side closed, or is gone: end the writer too, which answers the close where that is still possible.
        BeginClose(CloseCodes.Done, null, discards: true);
        await writing;
    }

    /// <inheritdoc/>
    public void Send(ReadOnlyMemory<byte> frame)
    {
        if (_outbox.TryAdd(frame)) return;
        _metrics.LimitHit(LimitKind.SlowClients);
        BeginClose(CloseCodes.Later, ServerMessageContext.Write(new ByeMessage(null, "slow_client", "resume", 1000)), discards: true);
    }

    /// <inheritdoc/>
    public void Close(int code, ReadOnlyMemory<byte>? last = null) => BeginClose(code, last, discards: false);

    private void BeginClose(int code, ReadOnlyMemory<byte>? last, bool discards)
    {
        lock (_gate)
        {
            if (_isClosing) return;
            _closeCode = code;
            Volatile.Write(ref _closingAt, _time.GetTimestamp());
            _isClosing = true;
        }

        _outbox.Complete(last, discards);
    }

    private void CheckDeadlines()
    {
        if (_isClosing)
        {
            if (Since(ref _closingAt) >= CloseTimeout) Abort();
        }
        else if (Volatile.Read(ref _sendBeganAt) != 0 && Since(ref _sendBeganAt) >= _options.MessageTimeout)
        {
            Abort();
        }
        else if (!_isJoined && _time.GetElapsedTime(_openedAt) >= _options.JoinTimeout)
        {
            Close(CloseCodes.NoJoin);
        }
        else if (Since(ref _lastFrameAt) >= _options.IdleTimeout
            || (Volatile.Read(ref _frameBeganAt) != 0 && Since(ref _frameBeganAt) >= _options.MessageTimeout))
        {
            Close(CloseCodes.Policy, ServerMessageContext.Write(new ByeMessage(null, "timeout", "resume", 0)));
        }
    }

    private TimeSpan Since(ref long timestamp) => _time.GetElapsedTime(Volatile.Read(ref timestamp));

    private void Abort()
    {
        BeginClose(CloseCodes.ServerError, null, discards: true);
        _socket.Abort();
    }

    private async Task ReadAsync(Func<ReadOnlyMemory<byte>, Task> onFrame)
    {
        using var buffer = new FrameBuffer(_options.FrameBytes, _options.OfferBytes);
        while (true)
        {
            ValueWebSocketReceiveResult received;
            try
            {
                received = await _socket.ReceiveAsync(buffer.Free, CancellationToken.None);
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                return;
            }

            if (received.MessageType == WebSocketMessageType.Close) return;
            if (_isClosing) continue; // only the close frame matters now
            if (received.MessageType == WebSocketMessageType.Binary)
            {
                Close(CloseCodes.Policy, Protocol("binary frames are not part of the protocol"));
                continue;
            }

            if (!buffer.TryAdvance(received.Count))
            {
                Close(CloseCodes.TooBig, Protocol("the frame is too large"));
                continue;
            }

            await OnReceivedAsync(buffer, received.EndOfMessage, onFrame);
        }
    }

    private async Task OnReceivedAsync(FrameBuffer buffer, bool isWhole, Func<ReadOnlyMemory<byte>, Task> onFrame)
    {
        if (!isWhole)
        {
            if (_frameBeganAt == 0) Volatile.Write(ref _frameBeganAt, _time.GetTimestamp());
            return;
        }

        Volatile.Write(ref _frameBeganAt, 0);
        Volatile.Write(ref _lastFrameAt, _time.GetTimestamp());
        await onFrame(buffer.Frame);
        buffer.Clear();
    }

    private static byte[] Protocol(string message) =>
        ServerMessageContext.Write(new ErrorMessage(null, ErrorCodes.BadMessage, null, $"The socket is closed: {message}.", null));

    private async Task WriteAsync()
    {
        try
        {
            while (await _outbox.WaitAsync(CancellationToken.None))
            {
                while (_outbox.TryTake(out ReadOnlyMemory<byte> frame))
                {
                    Volatile.Write(ref _sendBeganAt, _time.GetTimestamp());
                    await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                    Volatile.Write(ref _sendBeganAt, 0);
                    _outbox.Sent(frame);
                }
            }

            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync((WebSocketCloseStatus)_closeCode, null, CancellationToken.None);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            // The reader sees the same loss and ends; without it, the abort makes it see.
            Abort();
        }
    }

    /// <summary>What the socket throws when the other side or the network is gone.</summary>
    private static bool IsLoss(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException;
}
