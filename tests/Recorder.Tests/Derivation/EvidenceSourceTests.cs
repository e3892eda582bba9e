using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Journal;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class EvidenceSourceTests
{
    private static readonly Guid Recording = Guid.Parse("0192e4aa-0000-7000-8000-000000000001");
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void Open_Folder_GivesWhatWasRecorded()
    {
        using var folder = new TempFolder();
        SyntheticRecording recording = Write(folder);
        EvidenceSource source = EvidenceSource.Open(folder.Path, new OneKey());

        Assert.Equal(recording.Read(1).Select(record => Convert.ToHexString(record.Payload.Span)), source.Read(1).Select(record => Convert.ToHexString(record.Payload.Span)));
        Assert.Equal(recording.Read(2).Select(record => record.At), source.Read(2).Select(record => record.At));
        Assert.Equal([(1, true, "Ann"), (2, false, "ann")], source.Tracks.Select(track => (track.Number, track.IsVideo, track.Name)));
        Assert.Equal(recording.Start, source.Start);
        Assert.Equal(0, source.UnreadableChunks);
        Assert.Equal("seg/a/seg-000001.sfuj", Assert.Single(source.Objects).Name);
    }

    [Fact]
    public void Read_KeyDestroyed_LeavesOutAndCounts()
    {
        using var folder = new TempFolder();
        Write(folder);
        EvidenceSource source = EvidenceSource.Open(folder.Path, new OneKey { Destroyed = 2 });

        Assert.NotEmpty(source.Read(1));
        Assert.Empty(source.Read(2));
        Assert.True(source.UnreadableChunks > 0);
    }

    [Fact]
    public void Open_ChangedObject_IsRefused()
    {
        using var folder = new TempFolder();
        Write(folder);
        string path = folder.File("seg/a/seg-000001.sfuj");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Throws<EvidenceException>(() => EvidenceSource.Open(folder.Path, new OneKey()));
    }

    [Fact]
    public void Open_NothingThere_IsRefused()
    {
        using var folder = new TempFolder();
        Assert.Throws<EvidenceException>(() => EvidenceSource.Open(folder.Path, new OneKey()));
    }

    [Fact]
    public void Spans_NotSealedAndTheRecorderStartedAgain_TellOfTheGap()
    {
        using var folder = new TempFolder();
        long start = new SyntheticRecording().Start.ToUnixTimeMilliseconds() * 1000;
        Write(folder, 2, JournalText.Restarted(new Interruption(start + 500_000, start + 1_250_000, "recorder_restarted")),
            """{"event":"recorder_restarted","fromMicroseconds":"x"}"""u8.ToArray(), """["recorder_restarted"]"""u8.ToArray());

        SourceSpan gap = Assert.Single(EvidenceSource.Open(folder.Path, new OneKey()).Spans);

        Assert.Equal((0, "recorder_restarted", 500L, 1250L), (gap.Track, gap.Cause, gap.From.Milliseconds, gap.To.Milliseconds));
    }

    [Theory]
    [InlineData("room", new[] { 0 })]
    [InlineData("PA_1", new[] { 1, 2 })]
    [InlineData("PA_2", new int[0])]
    public void Spans_Pause_IsOfThoseWhoWerePaused(string scope, int[] tracks)
    {
        using var folder = new TempFolder();
        Write(folder);
        string path = folder.File("seg/a/seg-000001.json");
        SegmentManifest manifest = ManifestJson.ReadSegment(File.ReadAllBytes(path));
        var pause = new PauseEntry("2026-03-01T08:00:00.500Z", "2026-03-01T08:00:01.000Z", "pci", scope);
        File.WriteAllBytes(path, ManifestJson.Serialize(manifest with { Events = manifest.Events with { Pause = [pause] } }));

        Assert.Equal(tracks.Select(track => (track, "paused", 500L)), EvidenceSource.Open(folder.Path, new OneKey()).Spans.Select(span => (span.Track, span.Cause, span.From.Milliseconds)));
    }

    [Fact]
    public void Presence_EventsOfTheRoom_TellWhoWasThere()
    {
        using var folder = new TempFolder();
        Write(folder, 2, """{"seq":3,"at":"2026-03-01T08:00:00Z","room":{"kind":"participant_joined","participant":{"id":"PA_2","identity":"bob","name":"Bob","rights":{},"recording":"on"}}}"""u8.ToArray());

        EvidenceSource source = EvidenceSource.Open(folder.Path, new OneKey());

        Assert.Equal(new SourcePresence("PA_2", "bob", "Bob", Sfu.Media.Time.MediaTime.Zero, source.Length), Assert.Single(source.Presence));
    }

    [Fact]
    public void Open_LargeObject_GivesASignForEachMegabyteAndCanBeEndedThere()
    {
        using var folder = new TempFolder();
        Write(folder, 2, [.. Enumerable.Range(0, 60).Select(_ => new byte[60_000])]);
        int signs = 0;
        EvidenceSource.Open(folder.Path, new OneKey(), () => signs++);
        Assert.True(signs > 60 + 3, $"{signs} signs of 60 chunks and 3 MB");

        signs = 0;
        Assert.Throws<OperationCanceledException>(() => EvidenceSource.Open(folder.Path, new OneKey(), () => throw new OperationCanceledException()));
    }

    [Fact]
    public void Program_WhatWasMadeBefore_IsReplacedOnlyWhenAsked()
    {
        using var folder = new TempFolder();
        Write(folder);
        Directory.CreateDirectory(folder.File("derived/d6"));
        File.WriteAllText(folder.File("derived/d6/half.webm"), "x");

        Assert.Equal(1, RunProgram(folder, closeEarly: false, "--id", "d6", "--kind", "audio").Exit);
        Assert.Equal(0, RunProgram(folder, closeEarly: false, "--id", "d6", "--kind", "audio", "--replace").Exit);

        Assert.Equal(["derivation.json", "track-02.wav"], Directory.GetFiles(folder.File("derived/d6")).Select(Path.GetFileName).Order());
        Assert.Equal([folder.File("derived/d6")], Directory.GetFileSystemEntries(folder.File("derived")));
    }

    [Theory]
    [InlineData("--track", "7", "nothing_to_derive")]
    [InlineData("--id", "../x", "evidence_unreadable")]
    public void Program_Fails_NamesTheReason(string option, string value, string reason)
    {
        using var folder = new TempFolder();
        Write(folder);
        (int exit, string[] lines) = RunProgram(folder, closeEarly: false, "--id", "d5", "--kind", "track", option, value);

        Assert.Equal(2, exit);
        Assert.Equal(reason, JsonDocument.Parse(lines[^1]).RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public void Program_KeysOnStandardInput_MakesFilesAndTellsProgress()
    {
        using var folder = new TempFolder();
        Write(folder);
        (int exit, string[] lines) = RunProgram(folder, closeEarly: false, "--id", "d7", "--kind", "track", "--sound");

        Assert.Equal(0, exit);
        double[] progress = [.. lines[..^1].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("progress").GetDouble())];
        Assert.Equal(progress.Order(), progress);
        string made = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("folder").GetString()!;
        Assert.Equal(folder.File("derived/d7"), made);
        FfmpegTool.AssertDecodesCleanly(Path.Combine(made, "track-01.1.webm"));
        Assert.Equal(50, DerivationManifest.Read(File.ReadAllBytes(Path.Combine(made, "derivation.json"))).Files[0].VideoFrames);
    }

    [Fact]
    public void Program_ParentIsGone_EndsAndLeavesNothing()
    {
        using var folder = new TempFolder();
        Write(folder, seconds: 60);
        (int exit, _) = RunProgram(folder, closeEarly: true, "--id", "d8", "--kind", "composite", "--size", "1920x1080");

        Assert.Equal(3, exit);
        Assert.True(!Directory.Exists(folder.File("derived")) || Directory.GetFileSystemEntries(folder.File("derived")).Length == 0);
    }

    [Theory]
    [InlineData("--kind", "film")]
    [InlineData("--fps", "4")]
    [InlineData("--size", "641x360")]
    [InlineData("--track", "0")]
    public void Program_WrongCall_SaysSo(string option, string value)
    {
        using var folder = new TempFolder();
        (int exit, string[] lines) = RunProgram(folder, closeEarly: false, "--id", "d9", "--kind", "track", option, value);

        Assert.Equal(2, exit);
        Assert.Empty(lines);
    }

    private static (int Exit, string[] Lines) RunProgram(TempFolder folder, bool closeEarly, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "sfu-derive.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, folder.Path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        foreach (int track in (int[])[0, 1, 2]) process.StandardInput.Write($"{track} 1 {Convert.ToHexStringLower(Key)}\n");
        process.StandardInput.Write("\n");
        process.StandardInput.Flush();
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (closeEarly) process.StandardInput.Close();
            closeEarly = false;
        }
        Assert.True(process.WaitForExit(120_000), "sfu-derive did not end");
        string said = error.GetAwaiter().GetResult();
        Assert.True(process.ExitCode is 2 or 3 || said.Length == 0, said);
        return (process.ExitCode, [.. lines]);
    }

    private static SyntheticRecording Write(TempFolder folder, int seconds = 2, params byte[][] events)
    {
        var recording = new SyntheticRecording();
        recording.Add("ann", Video(MediaCodec.Vp8, 320, 180, 25 * seconds));
        recording.Add("ann", Opus(50 * seconds));
        Directory.CreateDirectory(folder.File("seg/a"));
        var chain = new RecordingChain(Recording);
        long firstWall = recording.Start.ToUnixTimeMilliseconds() * 1000;
        using var file = new MemoryStream();
        var described = new TrackEvent(TrackEvent.EventName, 1, "Ann", [new TrackEvent.FormatEntry(96, "VP8", 90_000)], new Dictionary<string, string> { ["4"] = "VideoOrientation" });
        foreach (byte[] text in (byte[][])[described.ToJson(), .. events]) Seal(file, chain, 0, firstWall, [(RecordType.Event, 0, text)]);
        foreach (int track in (int[])[1, 2])
            foreach (SourceRecord[] records in recording.Read(track).Chunk(20))
                Seal(file, chain, track, firstWall, [.. records.Select(record =>
                    (record.Kind == SourceRecordKind.Rtp ? RecordType.Rtp : RecordType.RtcpReceived, record.At.Nanoseconds, record.Payload.ToArray()))]);
        File.WriteAllBytes(folder.File("seg/a/seg-000001.sfuj"), file.ToArray());
        File.WriteAllBytes(folder.File("seg/a/seg-000001.json"), ManifestJson.Serialize(Manifest(file.ToArray(), chain)));
        return recording;
    }

    private static void Seal(MemoryStream file, RecordingChain chain, int track, long firstWall, (RecordType Type, long At, byte[] Payload)[] records)
    {
        const long BootTime = 777_000_000_000;           // the server's clock does not begin with the recording
        byte[] body = new byte[records.Sum(record => JournalRecord.HeadSize + record.Payload.Length)];
        int at = 0;
        foreach ((RecordType type, long time, byte[] payload) in records)
        {
            var record = new JournalRecord(type, RecordMarks.None, ClockErrorClass.Unknown, BootTime + time, firstWall + time / 1000, payload);
            record.Write(body.AsSpan(at));
            at += JournalRecord.HeadSize + payload.Length;
        }
        var header = new ChunkHeader(FrameKind.Chunk, ChunkMarks.None, Recording, (uint)track, 1, 0, BootTime + records[0].At, firstWall + records[0].At / 1000, 0, 0);
        byte[] room = new byte[ChainHash.Size + ChunkSealer.SizeOf(0, body.Length)];
        using var gcm = new AesGcm(Key, 16);
        ChunkSealer.Seal(chain, gcm, header, [], body, room);
        file.Write(room, ChainHash.Size, room.Length - ChainHash.Size);
    }

    private static SegmentManifest Manifest(byte[] chunks, RecordingChain chain) => new(
        "sfu-seg/1", Recording.ToString("D"), 1, "a", new string('0', 64), false, "2026-03-01T08:00:00.000Z", "2026-03-01T08:00:02.000Z", 0, 0,
        new ObjectEntry("seg-000001.sfuj", chunks.Length, Convert.ToHexStringLower(SHA256.HashData(chunks))), new ChainEntry("", "", chain.Last.ToString(), 0, (long)chain.Next),
        new MerkleEntry("rfc9162-sha256", 1, ""), [Track(1, "video", "camera", "vp8", 90_000, 1), Track(2, "audio", "microphone", "opus", 48_000, 2)],
        new EventsEntry(0, 0, []), new ClockEntry(true, 1), "s", "ES256", "2026-03-01T08:00:02.000Z");

    private static TrackEntry Track(uint number, string kind, string source, string codec, int rate, uint ssrc) => new(number, "PA_1", "ann", kind, source,
        [new StreamEntry(ssrc.ToString("x8"), codec, rate, null, 0, 0, 0, 0, null, 0, 0, 0, [], [])]);

    private sealed class OneKey : ITrackKeys
    {
        public uint? Destroyed { get; init; }

        public bool TryGet(Guid recording, uint track, uint epoch, Span<byte> key)
        {
            Key.CopyTo(key);
            return track != Destroyed;
        }
    }
}
