using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Rooms;

/// <summary>A network that counts datagrams and, when somebody listens, hands them over at the flush.</summary>
internal sealed class CountingSink : IDatagramSink
{
    private const int Size = 512 * 1024;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Size, pinned: true);
    private readonly (TransportAddress To, int At, int Length, int Segment)[] _messages = new (TransportAddress, int, int, int)[1024];
    private int _count;
    private int _end;

    public delegate void Receive(in TransportAddress to, Span<byte> datagram);

    public Receive? Receiver { get; set; }

    public long Datagrams { get; private set; }

    public bool IsFlushDue => _count >= 64 || _end >= 256 * 1024;

    public Span<byte> Reserve(int length) => _end + length > Size || _count == _messages.Length ? default : _bytes.AsSpan(_end, length);

    public void Commit(in TransportAddress to, int length, int segmentLength, bool isVideo)
    {
        _messages[_count++] = (to, _end, length, segmentLength == 0 ? length : segmentLength);
        _end += length;
    }

    /// <summary>The receiver (by port) that takes no more video; 0 for none.</summary>
    public int CongestedPort { get; set; }

    public bool IsCongested(MediaTime now, in TransportAddress to) => to.Port == CongestedPort;

    public void Flush(MediaTime now)
    {
        for (int m = 0; m < _count; m++)
        {
            (TransportAddress to, int at, int length, int segment) = _messages[m];
            for (int done = 0; done < length; done += segment)
            {
                Datagrams++;
                Receiver?.Invoke(to, _bytes.AsSpan(at + done, Math.Min(segment, length - done)));
            }
        }

        _count = 0;
        _end = 0;
    }

    public void Close(in TransportAddress connection) { }

    public void OnAuthenticated(in TransportAddress connection) { }
}
