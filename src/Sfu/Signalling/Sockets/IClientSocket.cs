namespace Sfu.Signalling.Sockets;

/// <summary>One WebSocket as its session uses it. Safe on any thread; never blocks and never throws.</summary>
internal interface IClientSocket
{
    /// <summary>Neither side began to close it.</summary>
    bool IsOpen { get; }

    /// <summary>When the last frame of the client came, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    long LastFrameAt { get; }

    /// <summary>Queues one message. A client that is too far behind is closed with 1013; what comes after the close is dropped.</summary>
    /// <param name="frame">UTF-8 JSON; must not change any more.</param>
    void Send(ReadOnlyMemory<byte> frame);

    /// <summary>Sends what is queued, then a last message, then closes. The first close wins.</summary>
    /// <param name="code">One of <see cref="Protocol.CloseCodes"/>.</param>
    /// <param name="last">A <c>bye</c> or error, or null.</param>
    void Close(int code, ReadOnlyMemory<byte>? last = null);
}
