using CsCheck;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Tests.Recordings;

/// <summary>Random histories with crashes: what was durable is there, what is there was given, and no key seals two texts under one number.</summary>
public sealed class CrashTests
{
    private enum Crash
    {
        /// <summary>The process dies: the page cache stays.</summary>
        Kill,

        /// <summary>The machine dies: only what was synced stays.</summary>
        Power,

        /// <summary>The machine dies and of the last file some bytes beyond the last sync stay.</summary>
        Torn,

        /// <summary>As torn, with garbage behind.</summary>
        Garbage,
    }

    private static readonly Gen<(int Packets, int Step, Crash Crash, int Cut, bool Segment, int Fault)[]> Histories =
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 120], Gen.Enum<Crash>(), Gen.Int[0, 5_000], Gen.Bool, Gen.Int[0, 120]).Array[1, 6];

    [Fact]
    public void Start_AfterAnyCrashes_KeepsWhatWasDurableAndNeverUsesAKeyTwice() => Histories.Sample(history =>
    {
        using var recorder = new TestRecorder();
        var sealedOnce = new Sealed();
        var given = new Dictionary<uint, List<byte[]>>();
        recorder.Open();
        recorder.Advance(1_100);
        ushort number = 0;
        foreach ((int packets, int step, Crash crash, int cut, bool segment, int fault) in history)
        {
            int failAt = recorder.Disk.Calls + fault;
            recorder.Disk.WritesHalf = fault % 2 == 1;
            recorder.Disk.Fault = (call, operation) => fault > 0 && call == failAt ? new FileFailure(operation, FileFailure.DeviceError) : default;
            RecordingTap tap = recorder.AddTrack();
            List<byte[]> list = given[tap.Track] = [];
            for (int i = 0; i < packets; i++)
            {
                list.Add(PacketMaker.Rtp(1, ++number, 200));
                tap.OnRtp(recorder.Now, list[^1], false);
                recorder.Advance(step);
            }

            if (segment) recorder.Advance(61_000, 200);
            recorder.Disk.Fault = null;
            Collect(recorder, sealedOnce);
            ulong durable = recorder.Core.Find(TestRecorder.Id)!.DurableChunks;
            Tear(recorder, crash, cut);
            List<(ChunkHeader Header, byte[] Plain)> after = recorder.ReadAll();       // links, opens, has no holes
            Assert.True((ulong)after.Count >= durable, $"{durable} chunks were said to be durable, {after.Count} are there");
            foreach ((uint track, List<byte[]> packetsGiven) in given)
            {
                List<byte[]> stored = recorder.Packets(track);
                Assert.Equal(packetsGiven.Take(stored.Count), stored);
            }

            recorder.Start();
            Collect(recorder, sealedOnce);
        }

        recorder.Advance(1_500);
        recorder.Stop();
        recorder.Advance(3_000);
        Collect(recorder, sealedOnce);
        Assert.Single(recorder.Sink.Sealed);
        Assert.Equal(recorder.Sink.Sealed[0].Chunks, (ulong)recorder.ReadAll().Count);
        // A gap that the power took before its first chunk was durable is declared by the next start.
        Assert.InRange(recorder.ReadAll().Count(chunk => (chunk.Header.Flags & ChunkMarks.Restarted) != 0), 1, history.Length);
    }, iter: 150);

    [Fact]
    public void Start_LogCutAtAnyByte_KeepsTheChunksBeforeIt()
    {
        using var recorder = new TestRecorder();
        recorder.Open();
        RecordingTap tap = recorder.AddTrack();
        for (ushort n = 0; n < 20; n++)
        {
            tap.OnRtp(recorder.Now, PacketMaker.Rtp(1, n, 30), false);
            recorder.Advance(60);
        }

        string path = Assert.Single(recorder.Disk.Names);
        byte[] whole = recorder.Disk.Content(path);
        int before = 0;
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            recorder.Disk.Put(path, whole[..cut]);
            int chunks = recorder.ReadAll().Count;
            Assert.InRange(chunks, before, before + 1);
            before = chunks;
        }

        Assert.InRange(before, 5, 12);
    }

    [Fact]
    public void Start_CrashBetweenSegmentAndItsWord_FindsTheSameSegmentAgain()
    {
        using var recorder = new TestRecorder();
        recorder.Open();
        RecordingTap tap = recorder.AddTrack();
        for (ushort n = 0; n < 700; n++)
        {
            tap.OnRtp(recorder.Now, PacketMaker.Rtp(1, n, 30), false);
            if (recorder.Sink.Segments.Count == 0) recorder.Advance(100, 50);
        }

        byte[] file = recorder.Disk.Content(TestRecorder.Home + "/seg/rec-a/seg-000001.sfuj");
        recorder.Disk.LosePower();                             // the word was not on the disk
        recorder.Start();
        recorder.Advance(3_000);

        Assert.Equal([1, 1, 2], recorder.Sink.Segments.Select(segment => segment.Facts.No));
        Assert.Equal(recorder.Sink.Segments[0].Facts.Sha256.ToArray(), recorder.Sink.Segments[1].Facts.Sha256.ToArray());
        Assert.Equal([false, false, true], recorder.Sink.Segments.Select(segment => segment.Facts.Partial));
        Assert.Equal(file, recorder.Disk.Content(TestRecorder.Home + "/seg/rec-a/seg-000001.sfuj"));
    }

    [Fact]
    public void Start_CrashAfterTheLastChunk_SealsWithoutGoingOn()
    {
        using var recorder = new TestRecorder();
        recorder.Open();
        recorder.Advance(1_100);
        recorder.Sink.Refusals = 1;
        recorder.Stop("over");
        recorder.Advance(1_100);
        recorder.Start();
        Assert.True(Assert.Single(recorder.Core.Recovered).IsEnded);
        recorder.Advance(3_000);
        Assert.Equal("over", Assert.Single(recorder.Sink.Sealed).EndReason);
        Assert.DoesNotContain(recorder.ReadAll(), chunk => (chunk.Header.Flags & ChunkMarks.Restarted) != 0);
        recorder.Start();
        Assert.Empty(recorder.Core.Recovered);
    }

    private static void Tear(TestRecorder recorder, Crash crash, int cut)
    {
        string? last = recorder.Disk.Names.Where(name => name.EndsWith(".wal", StringComparison.Ordinal))
            .MaxBy(NameOf);
        byte[] cached = last is null ? [] : recorder.Disk.Content(last);
        if (crash == Crash.Kill) return;
        recorder.Disk.LosePower();
        if (crash == Crash.Power || last is null || !recorder.Disk.Names.Contains(last)) return;
        byte[] durable = recorder.Disk.Content(last);
        if (cached.Length <= durable.Length) return;
        byte[] kept = cached[..Math.Min(cached.Length, durable.Length + cut)];
        recorder.Disk.Put(last, crash == Crash.Torn ? kept : [.. kept, .. System.Security.Cryptography.RandomNumberGenerator.GetBytes(300)]);
    }

    /// <summary>Every sealed chunk in the log, in the order of writing, also those that nobody counts. A key is known by its wrapped form,
    /// which is random, and stands before what it seals.</summary>
    private static void Collect(TestRecorder recorder, Sealed seals)
    {
        foreach (string path in recorder.Disk.Names.Where(name => name.EndsWith(".wal", StringComparison.Ordinal)).OrderBy(NameOf))
        {
            ReadOnlySpan<byte> rest = recorder.Disk.Content(path);
            while (ChunkReader.TryRead(rest, out ChunkView view) == JournalFailure.None)
            {
                if (view.Header.Kind == FrameKind.Keys)
                {
                    Assert.Equal(JournalFailure.None, KeyFrame.TryRead(view.Header.Recording, view.Body, out IReadOnlyList<WrappedKey> keys));
                    foreach (WrappedKey found in keys) seals.Keys[(found.Id.Track, found.Id.Epoch)] = Convert.ToHexString(found.Wrapped.Span);
                }

                if (view.Header.Kind == FrameKind.Chunk)
                {
                    // The file with its key may be deleted already: then the key is in the vault.
                    if (!seals.Keys.TryGetValue((view.Header.Track, view.Header.KeyEpoch), out string? key))
                        key = Convert.ToHexString(recorder.Vault.Find(new TrackKeyId(TestRecorder.Id, view.Header.Track, view.Header.KeyEpoch))!.Wrapped.Span);
                    (string, ulong) pair = (key, view.Header.Chunk);
                    if (!seals.Frames.TryAdd(pair, view.Frame.ToArray())) Assert.Equal(seals.Frames[pair], view.Frame.ToArray());
                }

                rest = rest[view.Frame.Length..];
            }
        }
    }

    private static WalName NameOf(string path) => WalName.TryParse(Path.GetFileName(path), out WalName name) ? name : default;

    private sealed class Sealed
    {
        public Dictionary<(uint Track, uint Epoch), string> Keys { get; } = [];

        public Dictionary<(string Key, ulong Chunk), byte[]> Frames { get; } = [];
    }
}
