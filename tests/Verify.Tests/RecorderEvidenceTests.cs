using System.Buffers.Binary;
using System.Text;
using Sfu.Media.Rtp;
using Sfu.Recorder;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Segments;
using Sfu.Tests;

namespace Sfu.Verify.Tests;

/// <summary>What the real recorder writes with its real signer, judged by the independent verifier.</summary>
public sealed class RecorderEvidenceTests : IDisposable
{
    private const uint Voice = 0x1111, Picture = 0x2222;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _root = TestAuthority.NewFolder();
    private readonly SystemRecorderClock _clock = new();
    private readonly FileKeyEncryptionKey _kek;
    private readonly SqliteKeyVault _vault;
    private readonly SigningKeys _keys;
    private readonly LocalTimeAuthority _authority;
    private readonly List<string> _written = [];
    private readonly Guid _id = Guid.CreateVersion7();

    public RecorderEvidenceTests()
    {
        _kek = FileKeyEncryptionKey.Open(Path.Combine(_root, "kek"));
        _vault = new SqliteKeyVault(Path.Combine(_root, "vault.db"));
        _keys = SigningKeys.Open(Path.Combine(_root, "keys"), "rec-a", new SigningKeyOptions());
        _authority = LocalTimeAuthority.Open(Path.Combine(_root, "tsa"), TimeProvider.System);
    }

    private string Folder => Path.Combine(_root, "recording");

    public void Dispose()
    {
        _kek.Dispose();
        _vault.Dispose();
        _keys.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Verify_WholeCall_IsComplete()
    {
        using (RecorderNode node = Start())
        {
            await node.OpenRecordingAsync(Info());
            CaptureRing ring = node.AddRing();
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), ring, TapGate.Open);
            RecordingTap picture = await node.AddTrackAsync(_id, Track("video"), ring, TapGate.Open);
            Send(voice, Voice, 0, 300);
            Send(picture, Picture, 65_400, 300);
            await StopAsync(node, voice, picture);
        }

        await StampAsync();
        Report report = Verify();
        Assert.Equal(Verdict.ValidComplete, report.Verdict);
        Assert.Equal(600, report.Packets);
    }

    [Fact]
    public async Task Verify_PacketsLostOnTheWay_ListsExactlyThose()
    {
        using (RecorderNode node = Start())
        {
            await node.OpenRecordingAsync(Info());
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Send(voice, Voice, 0, 300, lost: number => number is >= 100 and < 104 or 200);
            await StopAsync(node, voice);
        }

        await StampAsync();
        Assert.Equal(Verdict.ValidWithGaps, Verify().Verdict);
        SealedManifest manifest = ManifestJson.ReadSealed(await File.ReadAllBytesAsync(Path.Combine(Folder, "recording.json")));
        Assert.Equal([((ushort)100, (ushort)103), ((ushort)200, (ushort)200)], manifest.Gaps.Select(gap => ((ushort)gap.FirstSeq!.Value, (ushort)gap.LastSeq!.Value)));
        StreamEntry stream = manifest.Tracks[0].Streams[0];
        Assert.Equal((295, 295, 300), (stream.Received, stream.Archived, stream.SenderPackets));
    }

    [Theory]
    [InlineData("room", 0u)]
    [InlineData("PA_1", 1u)]
    public async Task Verify_Paused_WithholdsWithoutLoss(string scope, uint gapOf)
    {
        using (RecorderNode node = Start())
        {
            await node.OpenRecordingAsync(Info());
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Send(voice, Voice, 0, 100);
            Assert.True(node.TryWrite(_id, RecordType.Event, Encoding.UTF8.GetBytes($$"""{"event":"paused","scope":"{{scope}}","reason":"pci"}""")));
            voice.Gate = TapGate.Paused;
            Send(voice, Voice, 100, 100);
            voice.Gate = TapGate.Open;
            Assert.True(node.TryWrite(_id, RecordType.Event, Encoding.UTF8.GetBytes($$"""{"event":"resumed","scope":"{{scope}}"}""")));
            Send(voice, Voice, 200, 100);
            await StopAsync(node, voice);
        }

        await StampAsync();
        Assert.Equal(Verdict.ValidComplete, Verify().Verdict);
        SealedManifest manifest = ManifestJson.ReadSealed(await File.ReadAllBytesAsync(Path.Combine(Folder, "recording.json")));
        Assert.Equal(gapOf, Assert.Single(manifest.Gaps, gap => gap.Cause == "paused").Track);
        Assert.Equal(200, manifest.Tracks[0].Streams[0].Archived);
    }

    [Fact]
    public async Task Verify_RecorderStartedAgain_IsOneRecordingWithADeclaredGap()
    {
        using (RecorderNode node = Start())
        {
            await node.OpenRecordingAsync(Info());
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Send(voice, Voice, 0, 100);
        }

        for (int again = 0; again < 2; again++)
        {
            using RecorderNode node = Start();
            Assert.Equal(_id, Assert.Single(node.Recovered).Info.Id);
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Send(voice, Voice, 0, 100);
            if (again == 1) await StopAsync(node, voice);
        }

        await StampAsync();
        Report report = Verify();
        Assert.Equal(Verdict.ValidWithGaps, report.Verdict);
        Assert.Equal(300, report.Packets);
        SealedManifest manifest = ManifestJson.ReadSealed(await File.ReadAllBytesAsync(Path.Combine(Folder, "recording.json")));
        Assert.Equal(2, manifest.Interruptions.Count);
        Assert.Equal(3, manifest.Segments.Count);
    }

    [Fact]
    public async Task Accept_DiskRefusesAManifest_IsTriedAgainAndSeals()
    {
        using (RecorderNode node = Start())
        {
            await node.OpenRecordingAsync(Info());
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Send(voice, Voice, 0, 100);
            // A folder stands where the manifest is to be written: renaming onto it fails, as on a disk that takes no writes.
            string inTheWay = Path.Combine(Folder, "seg", "rec-a", "seg-000001.json");
            Directory.CreateDirectory(inTheWay);
            Task<ClosedRecording> stopping = node.StopAsync(_id, "stopped");
            await Eventually.TrueAsync(() => node.Health.SegmentFailures > 0);
            Assert.False(stopping.IsCompleted);
            Directory.Delete(inTheWay);
            await stopping.WaitAsync(Patience);
        }

        await StampAsync();
        Assert.Equal(Verdict.ValidComplete, Verify().Verdict);
    }

    [Fact]
    public async Task Accept_SameSegmentAgainAfterACrash_KeepsTheSignedManifest()
    {
        var kept = new KeepingSink(Sink());
        using (RecorderNode node = Start(kept))
        {
            await node.OpenRecordingAsync(Info());
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Send(voice, Voice, 0, 100);
            await StopAsync(node, voice);
        }

        await StampAsync();
        string manifest = Path.Combine(Folder, "seg", "rec-a", "seg-000001.json");
        byte[] signed = await File.ReadAllBytesAsync(manifest);
        // The process ended after the manifest was written and before the log knew: the segment comes once more, then the seal.
        EvidenceSink again = Sink();
        again.Accept(Assert.Single(kept.Segments));
        again.Seal(Assert.Single(kept.Sealed));
        Assert.Equal(signed, await File.ReadAllBytesAsync(manifest));
        Assert.Equal(Verdict.ValidComplete, Verify().Verdict);
    }

    [Fact]
    public async Task Verify_NotStopped_IsTruncated()
    {
        using (RecorderNode node = Start())
        {
            await node.OpenRecordingAsync(Info());
            RecordingTap voice = await node.AddTrackAsync(_id, Track("audio"), node.AddRing(), TapGate.Open);
            Send(voice, Voice, 0, 100);
        }

        using (RecorderNode node = Start()) await Eventually.TrueAsync(() => File.Exists(Path.Combine(Folder, "seg", "rec-a", "seg-000001.json")));
        Assert.Equal(Verdict.Truncated, Verify().Verdict);
    }

    private RecorderNode Start(ISegmentSink? sink = null) => RecorderNode.Start(
        new RecorderOptions { Node = "rec-a", WalFolder = Path.Combine(_root, "wal"), RingSize = 1 << 22, Wal = new() { FileSize = 8 << 20 }, CallTimeout = TimeSpan.FromSeconds(30) },
        _clock, _kek, _vault, sink ?? Sink());

    private EvidenceSink Sink() => new(_keys, _authority.CertificatePem, _vault, _kek, _written.Add, TimeProvider.System);

    private RecordingInfo Info() => new(_id, "default", "claims", "required", Folder, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000);

    private static TrackInfo Track(string kind) => kind == "audio"
        ? new(0, "PA_1", "ann", kind, "microphone", [new TrackFormat(111, "opus", 48_000, "")], [])
        : new(0, "PA_1", "ann", kind, "camera", [new TrackFormat(96, "vp8", 90_000, "")], []);

    /// <summary>Packets, as a worker gives them: receipts at both ends and the sender's report after them.</summary>
    private void Send(RecordingTap tap, uint ssrc, ushort first, int count, Func<int, bool>? lost = null)
    {
        if (!_received.ContainsKey(tap)) tap.OnReceipt(_clock.Now, new Ssrc(ssrc), 0);
        long received = _received.GetValueOrDefault(tap), sent = _sent.GetValueOrDefault(tap);
        for (int i = 0; i < count; i++)
        {
            if (lost?.Invoke(first + i) == true) continue;
            received++;
            Assert.True(tap.OnRtp(_clock.Now, Rtp(ssrc, (ushort)(first + i)), false));
        }

        (_received[tap], _sent[tap]) = (received, sent + count);
        tap.OnSenderReport(_clock.Now, new Ssrc(ssrc), Report(ssrc, (uint)(sent + count)));
        tap.OnReceipt(_clock.Now, new Ssrc(ssrc), received);
    }

    private readonly Dictionary<RecordingTap, long> _received = [];
    private readonly Dictionary<RecordingTap, long> _sent = [];

    private async Task StopAsync(RecorderNode node, params RecordingTap[] taps)
    {
        foreach (RecordingTap tap in taps) await node.CloseTrackAsync(tap);
        await node.StopAsync(_id, "stopped").WaitAsync(Patience);
    }

    private async Task StampAsync()
    {
        var stamper = new TimeStamper(_authority, () => new EvidenceFolder(Folder).Untimed(), new TimeStampOptions(), TimeProvider.System);
        await stamper.StampDueAsync(default);
        Assert.Empty(new EvidenceFolder(Folder).Untimed());
    }

    private Report Verify() => Verifier.Run(Folder, System.Text.Encoding.ASCII.GetBytes(_keys.RootPem));

    private static byte[] Rtp(uint ssrc, ushort number)
    {
        var packet = new byte[52];
        packet[0] = 0x80;
        packet[1] = 111;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), number * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        return packet;
    }

    private static byte[] Report(uint ssrc, uint packets)
    {
        var report = new byte[28];
        report[0] = 0x80;
        report[1] = 200;
        report[3] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(4), ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(report.AsSpan(8), 0xE000_0000_0000_0000);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(20), packets);
        return report;
    }

    /// <summary>Remembers what it passes on.</summary>
    private sealed class KeepingSink(ISegmentSink sink) : ISegmentSink
    {
        public List<ClosedSegment> Segments { get; } = [];

        public List<ClosedRecording> Sealed { get; } = [];

        public void Accept(ClosedSegment segment)
        {
            Segments.Add(segment);
            sink.Accept(segment);
        }

        public void Seal(ClosedRecording recording)
        {
            Sealed.Add(recording);
            sink.Seal(recording);
        }
    }
}
