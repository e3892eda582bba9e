using System.Threading.Channels;

namespace Sfu.Signalling.Sockets;

/// <summary>What waits to be sent to one client, bounded in messages and bytes. Any thread adds, one takes.</summary>
internal sealed class Outbox(int maxMessages, long maxBytes)
{
    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
    private readonly Lock _gate = new();
    private int _messages;
    private long _bytes;
    private bool _completed;

    /// <summary>Adds a message, the one being sent counted until <see cref="Sent"/>.</summary>
    /// <returns>False when the client is too far behind; nothing is added then. True and nothing is added after <see cref="Complete"/>.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_completed) return true;
            if (_messages >= maxMessages || _bytes + frame.Length > maxBytes) return false;
            _messages++;
            _bytes += frame.Length;
            return _queue.Writer.TryWrite(frame);
        }
    }

    /// <summary>No more messages will come.</summary>
    /// <param name="last">The last one; it is not counted against the bounds.</param>
    /// <param name="discards">Throws away what waits: the client is not taking it.</param>
    public void Complete(ReadOnlyMemory<byte>? last, bool discards)
    {
        lock (_gate)
        {
            if (_completed) return;
            _completed = true;
            while (discards && _queue.Reader.TryRead(out _))
            {
            }

            if (last is { } frame) _queue.Writer.TryWrite(frame);
            _queue.Writer.Complete();
        }
    }

    /// <summary>Waits for the next message.</summary>
    /// <returns>False when none will come any more.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _queue.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes the next message if there is one.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> frame) => _queue.Reader.TryRead(out frame);

    /// <summary>A message that was taken is on its way.</summary>
    public void Sent(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            _messages--;
            _bytes -= frame.Length;
        }
    }
}
