using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>One accepted ICE-TCP connection (RFC 6544 passive): non-blocking, framed by RFC 4571.</summary>
/// <remarks>Owned by one <see cref="TcpEndpoint"/>; closed by <see cref="Dispose"/>.</remarks>
internal sealed unsafe class TcpConnection : IDisposable
{
    private const int NotSentLowAt = 32 * 1024;            // keeps the queue here, where video can still be dropped

    private TcpBacklog? _backlog;

    /// <summary>Takes ownership of an accepted socket.</summary>
    internal TcpConnection(FileDescriptor socket, in TransportAddress remote, MediaTime acceptedAt)
    {
        Socket = socket;
        Remote = remote;
        AcceptedAt = acceptedAt;
        _ = SocketFactory.TrySet(socket, LibCConstants.IpProtoTcp, LibCConstants.TcpNoDelay, 1);
        _ = SocketFactory.TrySet(socket, LibCConstants.IpProtoTcp, LibCConstants.TcpNotSentLowAt, NotSentLowAt);
    }

    /// <summary>For the epoll registration and for handing over.</summary>
    internal FileDescriptor Socket { get; }

    /// <summary>The client's address with the connection's number.</summary>
    internal TransportAddress Remote { get; }

    /// <summary>When it was accepted.</summary>
    internal MediaTime AcceptedAt { get; }

    /// <summary>A valid check came over it.</summary>
    internal bool IsAuthenticated { get; set; }

    /// <summary>Its first frame was looked at: it belongs to this worker.</summary>
    internal bool IsPlaced { get; set; }

    /// <summary>What was received.</summary>
    internal FrameReader Reader { get; } = new();

    /// <summary>Bytes wait for the connection: it needs EPOLLOUT.</summary>
    internal bool IsBlocked => _backlog is { Length: > 0 };

    /// <summary>True when video for this connection is to be dropped.</summary>
    internal bool IsCongested(MediaTime now) => _backlog is not null && _backlog.IsCongested(now);

    /// <summary>Reads once into <see cref="Reader"/>.</summary>
    /// <returns>False when the connection has ended.</returns>
    internal bool Receive()
    {
        Reader.Compact();
        Span<byte> free = Reader.Free;
        nint count;
        fixed (byte* pointer = free) count = LibC.Receive(Socket, pointer, (nuint)free.Length, LibCConstants.MsgDontWait);
        if (count < 0) return Marshal.GetLastSystemError() is Errno.Again or Errno.Intr;
        Reader.Advance((int)count);
        return count > 0;
    }

    /// <summary>Sends whole frames, or queues what the kernel does not take.</summary>
    /// <param name="now">For the age of what waits.</param>
    /// <param name="vectors">Whole frames, oldest first, at most 65,536 bytes in each vector.</param>
    /// <param name="count">Number of vectors, at least 1.</param>
    /// <param name="dropped">Frames dropped because the queue is full.</param>
    /// <returns>False when the connection has ended.</returns>
    internal bool Send(MediaTime now, IoVec* vectors, int count, out int dropped)
    {
        nint sent = 0;
        dropped = 0;
        if (!IsBlocked)
        {
            var header = new MsgHdr { IoVec = (nint)vectors, IoVecLength = (nuint)count };
            sent = LibC.SendMessage(Socket, &header, LibCConstants.MsgDontWait | LibCConstants.MsgNoSignal);
            if (sent < 0 && Marshal.GetLastSystemError() is not (Errno.Again or Errno.Intr)) return false;
        }

        Queue(now, vectors, count, (int)Math.Max(sent, 0), ref dropped);
        return true;
    }

    /// <summary>Sends what waits, when the socket is writable again.</summary>
    /// <returns>False when the connection has ended.</returns>
    internal bool Flush()
    {
        if (_backlog is not { Length: > 0 }) return true;
        ReadOnlySpan<byte> waiting = _backlog.Waiting;
        nint sent;
        fixed (byte* pointer = waiting)
        {
            var vector = new IoVec { Base = (nint)pointer, Length = (nuint)waiting.Length };
            var header = new MsgHdr { IoVec = (nint)(&vector), IoVecLength = 1 };
            sent = LibC.SendMessage(Socket, &header, LibCConstants.MsgDontWait | LibCConstants.MsgNoSignal);
        }

        if (sent < 0) return Marshal.GetLastSystemError() is Errno.Again or Errno.Intr;
        _backlog.Advance((int)sent);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Socket.Dispose();
        DisposeBuffers();
    }

    /// <summary>Frees everything but the socket, which another worker owns now.</summary>
    internal void DisposeBuffers()
    {
        Reader.Dispose();
        _backlog?.Dispose();
    }

    private void Queue(MediaTime now, IoVec* vectors, int count, int sent, ref int dropped)
    {
        for (int i = 0; i < count; i++)
        {
            var frames = new ReadOnlySpan<byte>((byte*)vectors[i].Base, (int)vectors[i].Length);
            int done = Math.Min(sent, frames.Length);
            sent -= done;
            if (done == frames.Length) continue;
            _backlog ??= new TcpBacklog();
            bool mustEnd = done > 0;                       // a begun frame keeps the stream in step: the queue has room for it
            if (mustEnd || _backlog.Length <= TcpBacklog.Limit) _backlog.Append(now, frames[done..]);
            else dropped += CountFrames(frames);
        }
    }

    private static int CountFrames(ReadOnlySpan<byte> frames)
    {
        int count = 0;
        for (; frames.Length >= FrameReader.PrefixSize; count++)
            frames = frames[(FrameReader.PrefixSize + BinaryPrimitives.ReadUInt16BigEndian(frames))..];
        return count;
    }
}
