using Sfu.Media.Buffers;
using Sfu.Media.Time;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Recordings;
using Sfu.Recorder.Recovery;
using Sfu.Recorder.Segments;
using Sfu.Recorder.Tests.Wal;

namespace Sfu.Recorder.Tests.Recordings;

/// <summary>A recorder in virtual time on a disk that survives it; it can crash and start again.</summary>
internal sealed class TestRecorder : IDisposable
{
    public const string Log = "/log/rec-a", Home = "/recordings/r";
    public static readonly Guid Id = Guid.Parse("0192e4a0-7c1d-7a3b-8c4d-5e6f70819203");

    private readonly TemporaryFolder _folder = new();

    public TestRecorder()
    {
        Kek = FileKeyEncryptionKey.Open(_folder.Of("kek"));
        Start();
    }

    public FaultyDisk Disk { get; } = new();
    public MemoryVault Vault { get; } = new();
    public ListSink Sink { get; } = new();
    public FileKeyEncryptionKey Kek { get; }
    public RecorderOptions Options { get; set; } = new()
    {
        Node = "rec-a",
        WalFolder = "/log",
        RingSize = 1 << 18,
        Wal = new() { FileSize = 200_000, MaxPending = 4 << 20 },
    };

    public RecorderLease Lease { get; private set; } = new();
    public RecorderCore Core { get; private set; } = null!;
    public SegmentThread Segments { get; private set; } = null!;
    public StepSync Sync { get; private set; } = null!;
    public CaptureRing Ring { get; private set; } = null!;
    public MediaTime Now { get; private set; } = MediaTime.FromSeconds(1000);
    public static ClockReading Clock => new(new WallClockAnchor(MediaTime.Zero, 1_772_000_000_000_000_000), true, 900);

    /// <summary>Begins a process.</summary>
    public void Start()
    {
        WalScan scan = new WalScanner(Disk, Log).Scan();
        Assert.False(scan.Failure.IsFailure);
        if (scan.Keys.Count > 0) Vault.Store([.. scan.Keys.Select(pair => pair.Key)]);
        using (var keys = new KeyRing(Vault, Kek))
            foreach (RecoveredRecording recording in scan.Recordings) LastRecord.Find(recording, Disk, keys);
        Lease = new RecorderLease();
        Segments = new SegmentThread(Disk, Vault, Kek, Sink, "rec-a", () => { });
        Sync = new StepSync(Disk);
        Core = new RecorderCore(new RecorderContext { Options = Options, Kek = Kek, Segments = Segments }, Segments, Lease, scan, Disk, Sync, Log, 1000);
        Ring = new CaptureRing(Options.RingSize);
        Core.AddRing(Ring);
    }

    /// <summary>Lets time pass, turn by turn.</summary>
    public void Advance(int milliseconds, int step = 10)
    {
        for (int i = 0; i < milliseconds; i += step)
        {
            Now += TimeSpan.FromMilliseconds(step);
            Core.Turn(Now, () => Clock);
            Segments.RunQueued();
        }
    }

    public void Open()
    {
        var info = new RecordingInfo(Id, "default", "claims", "required", Home, Clock.ToWallMicroseconds(Now.Nanoseconds));
        Assert.True(Core.TryOpen(Now, info, new TaskCompletionSource<bool>()));
    }

    public RecordingTap AddTrack(TapGate gate = TapGate.Open) =>
        Core.AddTrack(Now, Core.Find(Id)!, new TrackInfo(0, "PA_1", "ann", "audio", "microphone", [], []), Ring, gate);

    public void Stop(string reason = "stopped")
    {
        Advance(10);                                           // what the taps copied is taken before
        foreach (RecordingTap tap in Core.Find(Id)!.End(Now, reason)) Core.Remove(tap);
    }

    /// <summary>All chunks on the disk, segments first, each checked against the chain and opened; the same number twice only with the same bytes.</summary>
    public List<(ChunkHeader Header, byte[] Plain)> ReadAll()
    {
        using var keys = new KeyRing(Vault, Kek);
        var all = new List<(ChunkHeader Header, byte[] Plain)>();
        ChainHash hash = ChainHash.Start(Id);
        foreach (string path in Disk.Names.Where(name => name.EndsWith(".sfuj", StringComparison.Ordinal)))
        {
            for (ReadOnlySpan<byte> rest = Disk.Content(path); !rest.IsEmpty;)
            {
                Assert.Equal(JournalFailure.None, ChunkReader.TryRead(rest, out ChunkView view));
                hash = Take(view, hash, keys, all);
                rest = rest[view.Frame.Length..];
            }
        }

        WalScan scan = new WalScanner(Disk, Log).Scan();
        if (scan.Keys.Count > 0) Vault.Store([.. scan.Keys.Select(pair => pair.Key)]);
        foreach (ChunkRef chunk in scan.Recordings.SelectMany(recording => recording.Chunks))
        {
            if (chunk.Chunk < (ulong)all.Count) continue;
            Assert.Equal(JournalFailure.None, ChunkReader.TryRead(Disk.Content(chunk.File.Path).AsSpan((int)chunk.Offset, chunk.Size), out ChunkView view));
            hash = Take(view, hash, keys, all);
            Assert.Equal(chunk.Hash, hash);
        }

        return all;
    }

    /// <summary>RTP packets of a track on the disk.</summary>
    public List<byte[]> Packets(uint track) => [.. Records(track).Where(record => record.Type == RecordType.Rtp).Select(record => record.Payload)];

    /// <summary>Texts of the records that are no RTP.</summary>
    public List<string> Texts(uint track) =>
        [.. Records(track).Where(record => record.Type is not (RecordType.Rtp or RecordType.ClockAnchor)).Select(record => System.Text.Encoding.UTF8.GetString(record.Payload))];

    public void Dispose()
    {
        Core.Dispose();
        Kek.Dispose();
        _folder.Dispose();
    }

    private List<(RecordType Type, byte[] Payload)> Records(uint track)
    {
        var found = new List<(RecordType Type, byte[] Payload)>();
        foreach ((ChunkHeader header, byte[] plain) in ReadAll())
        {
            if (header.Track != track) continue;
            for (ReadOnlySpan<byte> rest = plain; !rest.IsEmpty;)
            {
                Assert.Equal(JournalFailure.None, JournalRecord.TryTake(ref rest, out JournalRecord record));
                found.Add((record.Type, record.Payload.ToArray()));
            }
        }

        return found;
    }

    private static ChainHash Take(ChunkView view, ChainHash hash, KeyRing keys, List<(ChunkHeader Header, byte[] Plain)> all)
    {
        Assert.Equal((ulong)all.Count, view.Header.Chunk);
        Assert.True(keys.TryGet(new TrackKeyId(Id, view.Header.Track, view.Header.KeyEpoch), out ReadOnlySpan<byte> key));
        byte[] plain = new byte[view.Header.BodySize];
        Assert.Equal(JournalFailure.None, ChunkReader.TryOpen(view, hash, key, plain));
        all.Add((view.Header, plain));
        return RecordingChain.Link(hash, view.Linked);
    }
}
