using System.Runtime.CompilerServices;
using Sfu.Media.Ice;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>The worker's send slab: protected packets end to end, and the UDP messages made of them, in sending order.</summary>
/// <remarks>
/// Owned by one media worker. A message is one datagram, or a run of equal ones that the kernel cuts apart (UDP_SEGMENT).
/// What the kernel does not take (EAGAIN) stays; when half the slab is taken by such a backlog the oldest video goes first,
/// then the oldest of anything, and every lost datagram is counted.
/// </remarks>
internal sealed unsafe class SendSlab : IDisposable
{
    /// <summary>Size of the slab in bytes.</summary>
    internal const int Capacity = 2 * 1024 * 1024;

    /// <summary>Most segments of one run: older kernels take 64.</summary>
    internal const int MaxSegments = 64;

    /// <summary>Most bytes of one run: below the UDP length field's limit.</summary>
    internal const int MaxRunBytes = 65_000;

    /// <summary>Most bytes reserved at once: a run, and behind each packet the room that protecting it may need.</summary>
    internal const int MaxReservation = MaxRunBytes + MaxSegments * SrtpLimits.MaxOverhead;

    private const int MaxMessages = 8192;
    private const int MaxBacklogMessages = MaxMessages / 2;
    private const int MaxBacklogBytes = Capacity / 2;
    private const int FlushMessages = 64;
    private const int FlushBytes = 256 * 1024;
    private const int BatchSize = 64;
    private const int NameSize = 32;
    private const int ControlSize = 24;                    // one cmsg with 16 bits
    private const int ControlLength = 18;

    private readonly IMessageSender _sender;
    private readonly int _family;
    private readonly NativeBlock _bytes = new(Capacity);
    private readonly NativeBlock _names = new(BatchSize * NameSize);
    private readonly NativeBlock _controls = new(BatchSize * ControlSize);
    private readonly NativeBlock _vectors = new(BatchSize * sizeof(IoVec));
    private readonly NativeBlock _headers = new(BatchSize * sizeof(MMsgHdr));
    private readonly Message[] _messages = new Message[MaxMessages];
    private int _head;
    private int _count;
    private int _tail;

    /// <summary>Makes an empty slab.</summary>
    /// <param name="sender">Sends on the worker's socket; not owned.</param>
    /// <param name="family">The socket's family, for <see cref="SocketAddresses"/>.</param>
    /// <param name="segmentation">What is known about merged sends.</param>
    internal SendSlab(IMessageSender sender, int family, SegmentationPolicy segmentation)
    {
        _sender = sender;
        _family = family;
        Segmentation = segmentation;
        for (int i = 0; i < BatchSize; i++)
        {
            var control = (CMsgHdr*)(_controls.Pointer + i * ControlSize);
            *control = new CMsgHdr { Length = ControlLength, Level = LibCConstants.SolUdp, Type = LibCConstants.UdpSegment };
            ref MsgHdr header = ref Header(i);
            header.Name = (nint)(_names.Pointer + i * NameSize);
            header.IoVec = (nint)Unsafe.AsPointer(ref Vector(i));
            header.IoVecLength = 1;
        }
    }

    /// <summary>What is known about merged sends.</summary>
    internal SegmentationPolicy Segmentation { get; }

    /// <summary>The kernel took no more: wait for EPOLLOUT, then flush again.</summary>
    internal bool IsBlocked { get; private set; }

    /// <summary>System calls that sent.</summary>
    internal long Calls { get; private set; }

    /// <summary>Messages the kernel took: datagrams, or runs of them.</summary>
    internal long Messages { get; private set; }

    /// <summary>Datagrams the kernel took.</summary>
    internal long Datagrams { get; private set; }

    /// <summary>Datagrams the kernel refused one by one (no route, too long): gone.</summary>
    internal long Failed { get; private set; }

    /// <summary>Datagrams dropped from a full backlog.</summary>
    internal long Dropped { get; private set; }

    /// <inheritdoc cref="IDatagramSink.IsFlushDue"/>
    internal bool IsFlushDue => !IsBlocked && (_count - _head >= FlushMessages || _tail >= FlushBytes);

    /// <inheritdoc cref="IDatagramSink.Reserve"/>
    internal Span<byte> Reserve(int length) =>
        length <= Capacity - _tail && _count < MaxMessages ? new Span<byte>(_bytes.Pointer + _tail, length) : default;

    /// <inheritdoc cref="IDatagramSink.Commit"/>
    internal void Commit(in TransportAddress to, int length, int segmentLength, bool isVideo)
    {
        _messages[_count++] = new Message
        {
            To = to,
            At = _tail,
            Length = length,
            SegmentLength = segmentLength == 0 ? length : segmentLength,
            IsVideo = isVideo,
        };
        _tail += length;
    }

    /// <summary>Takes the first bytes of the last reservation out again, for a carrier other than UDP.</summary>
    /// <returns>The bytes; valid until the next flush.</returns>
    internal byte* Detach(int length)
    {
        byte* bytes = _bytes.Pointer + _tail;
        _tail += length;
        return bytes;
    }

    /// <inheritdoc cref="IDatagramSink.Flush"/>
    internal void Flush(MediaTime now)
    {
        Send(now);
        Settle();
    }

    /// <summary>Sends what is queued. What was detached stays in place until <see cref="Settle"/>.</summary>
    internal void Send(MediaTime now)
    {
        IsBlocked = false;
        while (_head < _count && !IsBlocked) SendBatch(now);
    }

    /// <summary>Takes back the room of what was sent and detached.</summary>
    internal void Settle()
    {
        if (_head == _count)
        {
            _head = _count = _tail = 0;
            return;
        }

        if (_count > MaxBacklogMessages || _tail > MaxBacklogBytes) MakeRoom();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _headers.Dispose();
        _vectors.Dispose();
        _controls.Dispose();
        _names.Dispose();
        _bytes.Dispose();
    }

    private void SendBatch(MediaTime now)
    {
        int filled = Fill(now);
        int sent = _sender.Send((MMsgHdr*)_headers.Pointer, filled, out int error);
        Calls++;
        for (int i = 0; i < sent; i++)
        {
            if (Header(i).ControlLength != 0) Segmentation.OnAccepted();
            Messages++;
            Datagrams += Advance((int)Vector(i).Length);
        }

        if (sent >= 0) return;                             // fewer than asked: the next call starts with the bad one and names its error
        if (error == Errno.Again) IsBlocked = true;
        else if (error != Errno.Intr) OnRefused(now, error);
    }

    private void OnRefused(MediaTime now, int error)
    {
        bool isRun = Header(0).ControlLength != 0;
        if (isRun && error is Errno.Io or Errno.Inval or Errno.NoProtoOpt or Errno.MsgSize)
        {
            Segmentation.OnRefused(now, _messages[_head].To);   // the next batch sends its packets singly
            return;
        }

        Failed += Advance((int)Vector(0).Length);
    }

    /// <summary>Fills message headers from the queue: a run per header where merging is allowed, else a datagram per header.</summary>
    private int Fill(MediaTime now)
    {
        int filled = 0;
        for (int m = _head; m < _count && filled < BatchSize; m++)
        {
            ref readonly Message message = ref _messages[m];
            bool isRun = message.Length > message.SegmentLength && Segmentation.Allows(now, message.To);
            int step = isRun ? message.Length : message.SegmentLength;
            for (int at = 0; at < message.Length && filled < BatchSize; at += step)
                FillHeader(filled++, message, at, Math.Min(step, message.Length - at), isRun);
        }

        return filled;
    }

    private void FillHeader(int index, in Message message, int at, int length, bool isRun)
    {
        ref MsgHdr header = ref Header(index);
        header.NameLength = SocketAddresses.Write((byte*)header.Name, message.To, _family);
        Vector(index) = new IoVec { Base = (nint)(_bytes.Pointer + message.At + at), Length = (nuint)length };
        byte* control = _controls.Pointer + index * ControlSize;
        if (isRun) *(ushort*)(control + sizeof(CMsgHdr)) = (ushort)message.SegmentLength;
        header.Control = isRun ? (nint)control : 0;         // a run of one goes without: the cmsg costs 200 ns
        header.ControlLength = isRun ? (nuint)ControlSize : 0;
    }

    /// <summary>Takes bytes off the oldest message.</summary>
    /// <returns>The datagrams they make.</returns>
    private int Advance(int bytes)
    {
        ref Message message = ref _messages[_head];
        int datagrams = (bytes + message.SegmentLength - 1) / message.SegmentLength;
        message.At += bytes;
        message.Length -= bytes;
        if (message.Length == 0) _head++;
        return datagrams;
    }

    /// <summary>Takes back the room of what was sent, and if that is not enough, drops.</summary>
    private void MakeRoom()
    {
        Compact();
        if (_count <= MaxBacklogMessages && _tail <= MaxBacklogBytes) return;
        DropOldest();
        Compact();
    }

    private void DropOldest()
    {
        int messages = _count;
        int bytes = _tail;
        for (int pass = 0; pass < 2; pass++)               // video first, then anything
        {
            for (int m = 0; m < _count && (messages > MaxBacklogMessages / 2 || bytes > MaxBacklogBytes / 2); m++)
            {
                ref Message message = ref _messages[m];
                if (message.Length == 0 || (pass == 0 && !message.IsVideo)) continue;
                Dropped += (message.Length + message.SegmentLength - 1) / message.SegmentLength;
                bytes -= message.Length;
                messages--;
                message.Length = 0;
            }
        }
    }

    private void Compact()
    {
        int count = 0;
        int tail = 0;
        for (int m = _head; m < _count; m++)
        {
            Message message = _messages[m];
            if (message.Length == 0) continue;
            Buffer.MemoryCopy(_bytes.Pointer + message.At, _bytes.Pointer + tail, Capacity - tail, message.Length);
            message.At = tail;
            tail += message.Length;
            _messages[count++] = message;
        }

        _head = 0;
        _count = count;
        _tail = tail;
    }

    private ref MsgHdr Header(int index) => ref ((MMsgHdr*)_headers.Pointer)[index].Header;

    private ref IoVec Vector(int index) => ref ((IoVec*)_vectors.Pointer)[index];

    private struct Message
    {
        internal TransportAddress To;
        internal int At;
        internal int Length;
        internal int SegmentLength;
        internal bool IsVideo;
    }
}
