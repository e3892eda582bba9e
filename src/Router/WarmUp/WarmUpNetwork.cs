using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;

namespace Sfu.Router.WarmUp;

/// <summary>The way from a worker to the clients of a <see cref="WarmUpCall"/>: pinned memory instead of a socket.</summary>
internal sealed class WarmUpNetwork : IDatagramSink
{
    private const int Size = 512 * 1024;
    private const int MaxMessages = 1024;
    private const int FlushMessages = 64;
    private const int FlushBytes = 256 * 1024;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
    private readonly (TransportAddress To, int At, int Length, int Segment)[] _messages = new (TransportAddress, int, int, int)[MaxMessages];
    private int _count;
    private int _end;

    /// <summary>Takes one datagram.</summary>
    internal delegate void Receive(in TransportAddress to, Span<byte> datagram);

    /// <summary>Gets every datagram at the flush; null throws them away.</summary>
    internal Receive? Receiver { get; set; }

    /// <inheritdoc/>
    public bool IsFlushDue => _count >= FlushMessages || _end >= FlushBytes;

    /// <inheritdoc/>
    public Span<byte> Reserve(int length) => _end + length > Size || _count == MaxMessages ? default : _bytes.AsSpan(_end, length);

    /// <inheritdoc/>
    public void Commit(in TransportAddress to, int length, int segmentLength, bool isVideo)
    {
        _messages[_count++] = (to, _end, length, segmentLength == 0 ? length : segmentLength);
        _end += length;
    }

    /// <inheritdoc/>
    public bool IsCongested(MediaTime now, in TransportAddress to) => false;

    /// <inheritdoc/>
    public void Flush(MediaTime now)
    {
        for (int i = 0; i < _count; i++)
        {
            (TransportAddress to, int at, int length, int segment) = _messages[i];
            for (int done = 0; done < length; done += segment) Receiver?.Invoke(to, _bytes.AsSpan(at + done, Math.Min(segment, length - done)));
        }

        _count = 0;
        _end = 0;
    }

    /// <inheritdoc/>
    public void Close(in TransportAddress connection)
    {
    }

    /// <inheritdoc/>
    public void OnAuthenticated(in TransportAddress connection)
    {
    }
}
