using System.Runtime.InteropServices;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Workers;

/// <summary>A worker without sockets whose clients leave nothing behind in this process but what the worker keeps of them: real ICE, DTLS
/// and SRTP on both sides, then the client's side is disposed of.</summary>
internal sealed class MemoryCall : IWorkerEventSink, IDisposable
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(100.0 / 3);
    private static readonly TimeSpan Sound = TimeSpan.FromMilliseconds(20);
    private static readonly RoomId Room = new(1);

    private readonly SrtpProfile _profile;
    private readonly DtlsContext _context;
    private readonly CountingSink _sink = new();
    private long _nextId = 1;

    internal MemoryCall(SrtpProfile profile)
    {
        _profile = profile;
        _context = new DtlsContext(VirtualClient.ServerCertificate, DtlsRole.Server, [profile]);
        var timeouts = new TransportTimeouts(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromHours(10));
        Core = new WorkerCore(
            new WorkerCoreOptions(timeouts, 8, 1, Ingress: new IngressLimits(default, default)), _context, _sink, this,
            () => new WallClockAnchor(MediaTime.Zero, TestRoom.AnchorUnixNanoseconds));
    }

    internal WorkerCore Core { get; }

    internal MediaTime Now { get; private set; } = MediaTime.FromSeconds(10);

    /// <summary>Nobody keeps what the control plane is told.</summary>
    public void Post(WorkerEvent workerEvent)
    {
    }

    /// <summary>Connects a client; the caller disposes of it.</summary>
    internal VirtualClient Connect()
    {
        var client = new VirtualClient(Core, Room, new TransportId(_nextId++), VirtualClient.ServerCertificate.Fingerprint, _profile, Now);
        _sink.Receiver = (in TransportAddress to, Span<byte> datagram) =>
        {
            if (to == client.Address) client.OnDatagram(Now, datagram);
        };
        for (int turn = 0; turn < 50 && !client.IsConnected; turn++)
        {
            Now += TimeSpan.FromMilliseconds(5);
            client.Run(Now);
            Core.OnDeadline(Now);
            Core.EndTurn(Now);
        }

        Assert.True(client.IsConnected);
        _sink.Receiver = null;
        return client;
    }

    /// <summary>Somebody who receives these tracks; nothing of the client is left here.</summary>
    internal TransportId JoinViewer(ProducerId? video, ProducerId? audio, bool takesRtx = true)
    {
        using VirtualClient client = Connect();
        long id = client.Id.Value * 100;
        if (video is { } picture) Execute(new AddConsumer(client.Id, new ConsumerId(id + 1), picture, TestRoom.VideoConsumer(0x9001, takesRtx ? 0x9002u : null)));
        if (audio is { } sound) Execute(new AddConsumer(client.Id, new ConsumerId(id + 2), sound, TestRoom.AudioConsumer(0x9003, Media.Codecs.CodecFeedback.Nack | Media.Codecs.CodecFeedback.TransportCc)));
        return client.Id;
    }

    internal void Execute(WorkerCommand command)
    {
        long stale = Core.StaleCommands;
        Core.Execute(Now, command);
        Core.EndTurn(Now);
        Assert.Equal(stale, Core.StaleCommands);
    }

    /// <summary>Sends sound and these streams of pictures for some seconds, all encodings by <paramref name="from"/>.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="audio">Its sound, or null.</param>
    /// <param name="videos">Its encodings, at 30 pictures a second.</param>
    internal void Play(VirtualClient from, int seconds, RtpMaker? audio, params SentPictures[] videos)
    {
        MediaTime end = Now + TimeSpan.FromSeconds(seconds);
        MediaTime nextFrame = Now, nextSound = Now;
        for (int picture = 0; Now < end; Now = MediaTime.Min(nextFrame, nextSound))
        {
            if (audio is not null && nextSound <= Now)
            {
                audio.Timestamp += 960;
                Send(from, audio, [0x78, .. new byte[99]], marker: false);
            }

            if (nextSound <= Now) nextSound += Sound;
            if (nextFrame <= Now)
            {
                foreach (SentPictures video in videos) SendPicture(from, video, picture);
                picture++;
                nextFrame += Frame;
            }

            Core.OnDeadline(Now);
            Core.EndTurn(Now);
        }

        Assert.Equal(0, Core.Counters.Dropped.Sum());
    }

    /// <summary>Managed bytes that are alive, and bytes that the process has taken from malloc and not given back.</summary>
    internal static MemoryUse Measure()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        MallocUse use = MallocInfo();
        return new MemoryUse(GC.GetTotalMemory(forceFullCollection: true), (long)(use.InUse + use.Mapped));
    }

    public void Dispose()
    {
        Core.Dispose();
        _context.Dispose();
    }

    private void SendPicture(VirtualClient from, SentPictures video, int picture)
    {
        video.Maker.Timestamp += 3000;
        for (int part = 1; part <= video.Parts; part++)
        {
            byte[] payload = Vp8Maker.Payload((ushort)(picture & 0x7FFF), (byte)picture, isKey: picture == 0, isStart: part == 1, length: video.Bytes);
            Send(from, video.Maker, payload, marker: part == video.Parts);
        }
    }

    private void Send(VirtualClient from, RtpMaker maker, byte[] payload, bool marker)
    {
        ushort index = maker.Sequence;
        from.SendRtp(Now, maker.Next(payload, marker), index);
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    private static extern MallocUse MallocInfo();

    /// <summary>struct mallinfo2 of malloc.h: all arenas together.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MallocUse
    {
        internal nuint FromSystem, FreeChunks, FastChunks, MappedChunks, Mapped, MaxUsed, FastFree, InUse, Free, Trimmable;
    }
}

/// <summary>What is in use, in bytes.</summary>
internal readonly record struct MemoryUse(long Managed, long Native)
{
    internal long Total => Managed + Native;

    /// <summary>What each participant adds: the median of several steps, since the runtime gives back some megabytes of its own when it likes.</summary>
    /// <param name="steps">An odd number.</param>
    /// <param name="participants">Participants that one step adds.</param>
    /// <param name="step">Adds them; the first call is a warm-up.</param>
    internal static MemoryUse Median(int steps, int participants, Action step)
    {
        step();
        long[] managed = new long[steps], native = new long[steps];
        MemoryUse before = MemoryCall.Measure();
        for (int i = 0; i < steps; i++)
        {
            step();
            MemoryUse after = MemoryCall.Measure();
            (managed[i], native[i]) = ((after.Managed - before.Managed) / participants, (after.Native - before.Native) / participants);
            before = after;
        }

        Array.Sort(managed);
        Array.Sort(native);
        return new MemoryUse(managed[steps / 2], native[steps / 2]);
    }
}

/// <summary>One encoding as it is sent: packets per picture, payload bytes per packet.</summary>
internal readonly record struct SentPictures(RtpMaker Maker, int Parts, int Bytes);
