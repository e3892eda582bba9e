using Sfu.Recorder.Capture;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Reading;
using Sfu.Recorder.Tests.Recordings;
using Sfu.Tests;

namespace Sfu.Recorder.Tests;

/// <summary>The real threads on the real disk.</summary>
public sealed class RecorderNodeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly SystemRecorderClock _clock = new();
    private readonly FileKeyEncryptionKey _kek;
    private readonly SqliteKeyVault _vault;
    private readonly ListSink _sink = new();
    private readonly Guid _id = Guid.CreateVersion7();

    public RecorderNodeTests()
    {
        _kek = FileKeyEncryptionKey.Open(_folder.Of("kek"));
        _vault = new SqliteKeyVault(_folder.Of("vault.db"));
    }

    public void Dispose()
    {
        _kek.Dispose();
        _vault.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Stop_AfterTwoTracks_SealsEverythingThatTheTapsWereGiven()
    {
        using (RecorderNode node = Start())
        {
            CaptureRing ring = node.AddRing();
            await node.OpenRecordingAsync(Info());
            RecordingTap audio = await node.AddTrackAsync(_id, Track("audio"), ring, TapGate.Open);
            RecordingTap video = await node.AddTrackAsync(_id, Track("video"), ring, TapGate.Open);
            for (ushort n = 0; n < 500; n++)
            {
                Assert.True(audio.OnRtp(_clock.Now, PacketMaker.Rtp(1, n), false));
                Assert.True(video.OnRtp(_clock.Now, PacketMaker.Rtp(2, (ushort)(65_300 + n), 1_100), n % 10 == 3));
            }

            Assert.True(node.TryWrite(_id, RecordType.Event, "{\"event\":\"hello\"}"u8.ToArray()));
            await node.CloseTrackAsync(audio);
            Assert.Equal("done", (await node.StopAsync(_id, "done").WaitAsync(Patience)).EndReason);
            // Health is of the last turn; tests beside this one may have kept the disk from a sync for seconds until then.
            await Eventually.TrueAsync(() => node.Health.KeepsUp && node.Lease.IsFresh(_clock.Now));
        }

        Assert.Equal("done", Assert.Single(_sink.Sealed).EndReason);
        Assert.Single(_sink.Segments);
        Assert.Equal([1u, 2u], _sink.Segments[0].Tracks.Select(track => track.No));
        using JournalReader reader = Read(log: false);
        JournalChunk[] chunks = [.. reader.Chunks()];
        Assert.Equal(JournalFailure.None, reader.Failure);
        Assert.Equal(_sink.Sealed[0].Chunks, (ulong)chunks.Length);
        Assert.Equal(_sink.Sealed[0].LastHash, chunks[^1].Hash);
        Assert.Equal(ChunkMarks.Last, chunks[^1].Header.Flags);
        Assert.Equal(Enumerable.Range(0, 500).Select(n => PacketMaker.Rtp(1, (ushort)n)), Packets(chunks, 1));
        Assert.Equal(Enumerable.Range(0, 500).Select(n => PacketMaker.Rtp(2, (ushort)(65_300 + n), 1_100)), Packets(chunks, 2));
        Assert.Equal(50, chunks.SelectMany(chunk => chunk.Entries).Count(entry => entry.Marks == RecordMarks.RepairedByRtx));
        Assert.Contains(chunks.SelectMany(chunk => chunk.Entries), entry => entry.Payload.Span.SequenceEqual("{\"event\":\"hello\"}"u8));
    }

    [Fact]
    public async Task Start_AfterAnOrderlyEnd_GoesOnAsTheSameRecordingWithADeclaredGap()
    {
        using (RecorderNode node = Start())
        {
            await node.OpenRecordingAsync(Info());
            RecordingTap tap = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            for (ushort n = 0; n < 10; n++) tap.OnRtp(_clock.Now, PacketMaker.Rtp(1, n), false);
        }

        using (RecorderNode node = Start())
        {
            RecoveredInfo recovered = Assert.Single(node.Recovered);
            Assert.Equal((Info().Room, false), (recovered.Info.Room, recovered.IsEnded));
            Assert.Equal("audio", Assert.Single(recovered.Tracks).Kind);
            RecordingTap tap = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Assert.Equal(2u, tap.Track);
            tap.OnRtp(_clock.Now, PacketMaker.Rtp(1, 99), false);
            await node.StopAsync(_id, "stopped").WaitAsync(Patience);
        }

        using JournalReader reader = Read(log: false);
        JournalChunk[] chunks = [.. reader.Chunks()];
        Assert.Equal(JournalFailure.None, reader.Failure);
        Assert.Equal((10, 1), (Packets(chunks, 1).Count(), Packets(chunks, 2).Count()));
        JournalChunk first = Assert.Single(chunks, chunk => (chunk.Header.Flags & ChunkMarks.Restarted) != 0);
        Assert.StartsWith("{\"event\":\"recorder_restarted\"", System.Text.Encoding.UTF8.GetString(first.Entries[0].Payload.Span), StringComparison.Ordinal);
        Assert.Equal([true, false], _sink.Segments.Select(segment => segment.Facts.Partial));
        Assert.Single(_sink.Sealed[0].Interruptions);
        using RecorderNode last = Start();
        Assert.Empty(last.Recovered);
    }

    [Fact]
    public void Start_FolderOfARunningRecorder_IsRefused()
    {
        using RecorderNode node = Start();
        Assert.Throws<RecorderStartException>(Start);
    }

    private RecorderNode Start() => RecorderNode.Start(
        new RecorderOptions { Node = "rec-a", WalFolder = _folder.Of("wal"), RingSize = 1 << 22, Wal = new() { FileSize = 8 << 20 }, CallTimeout = TimeSpan.FromSeconds(30) },
        _clock, _kek, _vault, _sink);

    private RecordingInfo Info() => new(_id, "default", "claims", "required", _folder.Of("recording"), 1_772_352_000_000_000);

    private static TrackInfo Track(string kind) => new(0, "PA_1", "ann", kind, "camera", [new TrackFormat(96, "vp8", 90_000, "")], []);

    private JournalReader Read(bool log) => new(_id, _folder.Of("recording"), "rec-a", _vault, _kek, log ? _folder.Of("wal", "rec-a") : null);

    private static IEnumerable<byte[]> Packets(JournalChunk[] chunks, uint track) => chunks.Where(chunk => chunk.Header.Track == track)
        .SelectMany(chunk => chunk.Entries).Where(entry => entry.Type == RecordType.Rtp).Select(entry => entry.Payload.ToArray());
}
