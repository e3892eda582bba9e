using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>The client's side of a WebSocket, without a network: the test sends pieces and sees what came.</summary>
internal sealed class FakeWebSocket : WebSocket
{
    private readonly Channel<Piece> _incoming = Channel.CreateUnbounded<Piece>();
    private readonly Channel<string> _outgoing = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource<int> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private volatile TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Piece? _current;
    private WebSocketState _state = WebSocketState.Open;

    /// <summary>Sends wait for it.</summary>
    public Task SendGate { get; set; } = Task.CompletedTask;

    /// <summary>The code of the server's close frame.</summary>
    public Task<int> Closed => _closed.Task;

    public bool IsAborted => _aborted.IsCancellationRequested;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => _state;

    public override string? SubProtocol => "sfu.v1";

    /// <summary>The client sends text, whole.</summary>
    public void Push(string text) => Push(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true);

    public void Push(byte[] bytes, WebSocketMessageType type, bool isEnd)
    {
        lock (_gate)
        {
            _read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _incoming.Writer.TryWrite(new Piece(bytes, type, isEnd));
        }
    }

    /// <summary>Waits until the server has taken all that was pushed, and asks for more or is gone.</summary>
    public Task ReadAsync() => Task.WhenAny(_read.Task, Task.Delay(Timeout.Infinite, _aborted.Token)).WaitAsync(Patience.Real);

    /// <summary>The client closes, or answers a close.</summary>
    public void PushClose() => Push([], WebSocketMessageType.Close, true);

    /// <summary>The connection breaks.</summary>
    public void Break() => _incoming.Writer.TryComplete(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));

    /// <summary>The next frame that came; waits a moment of real time for the server's threads.</summary>
    public async Task<string> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience.Real);
        return await _outgoing.Reader.ReadAsync(limit.Token);
    }

    public bool TryNext(out string? frame) => _outgoing.Reader.TryRead(out frame);

    public override void Abort()
    {
        _state = WebSocketState.Aborted;
        _aborted.Cancel();
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        _state = _state == WebSocketState.CloseReceived ? WebSocketState.Closed : WebSocketState.CloseSent;
        _closed.TrySetResult((int)closeStatus);
        return Task.CompletedTask;
    }

    public override void Dispose() => _aborted.Dispose();

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _aborted.Token);
        Piece piece = _current ?? await NextPieceAsync(either.Token);
        int count = Math.Min(buffer.Length, piece.Bytes.Length);
        piece.Bytes.AsSpan(0, count).CopyTo(buffer.Span);
        _current = count < piece.Bytes.Length ? piece with { Bytes = piece.Bytes[count..] } : null;
        if (piece.Type == WebSocketMessageType.Close) _state = _state == WebSocketState.CloseSent ? WebSocketState.Closed : WebSocketState.CloseReceived;
        return new ValueWebSocketReceiveResult(count, piece.Type, piece.IsEnd && _current is null);
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public override async Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        await SendGate.WaitAsync(_aborted.Token);
        _outgoing.Writer.TryWrite(Encoding.UTF8.GetString(buffer));
    }

    private async ValueTask<Piece> NextPieceAsync(CancellationToken cancellation)
    {
        try
        {
            lock (_gate)
            {
                if (_incoming.Reader.TryRead(out Piece? there)) return there;
                _read.TrySetResult();
            }

            return await _incoming.Reader.ReadAsync(cancellation);
        }
        catch (ChannelClosedException exception)
        {
            throw exception.InnerException!;
        }
    }

    private sealed record Piece(byte[] Bytes, WebSocketMessageType Type, bool IsEnd);
}
