using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Segments;

namespace Sfu.Verify.Tests;

/// <summary>What a test recording is like.</summary>
internal sealed record Shape
{
    public int Segments { get; init; } = 3;
    public int ChunksPerSegment { get; init; } = 8;
    public double Loss { get; init; }
    public bool Sealed { get; init; } = true;
    public bool Tokens { get; init; } = true;
    public bool Pause { get; init; }
    public GapCause? Declared { get; init; }
    public long Unarchived { get; init; }
}

/// <summary>A made-up recording of a call with sound and picture: chunks from <see cref="ChunkWriter"/>, everything else from the recorder.</summary>
internal sealed class TestRecording
{
    private const string Node = "rec-a";
    private const uint Audio = 0x1f2e3d4c, Video = 0xa0b1c2d3;

    private readonly Random _random;
    private readonly Shape _shape;
    private readonly ChunkWriter _chunks;
    private readonly Completeness _completeness = new();
    private readonly ManifestWriter _manifests;
    private readonly uint[] _next = [0, 65_500, 1_000];         // the audio wraps its 16 bits
    private readonly long[] _archived = new long[3];
    private readonly List<uint>[] _late = [[], [], []];
    private long _mono = 1_000_000_000;

    private TestRecording(string path, int seed, Shape shape)
    {
        (_random, _shape) = (new Random(seed), shape);
        byte[] id = new byte[16];
        _random.NextBytes(id);
        Id = new Guid(id);
        _chunks = new ChunkWriter(Id);
        Folder = new EvidenceFolder(path);
        Folder.Prepare(TestAuthority.Keys, [TestAuthority.Signer], TestAuthority.Authority.CertificatePem, Node);
        _manifests = new ManifestWriter(Folder, TestAuthority.Keys, TestAuthority.Signer);
    }

    public Guid Id { get; }

    public EvidenceFolder Folder { get; }

    public string Path => Folder.Path;

    /// <summary>Makes one; the same for the same seed and shape but for keys and signatures.</summary>
    public static TestRecording Create(int seed, Shape shape)
    {
        var recording = new TestRecording(TestAuthority.NewFolder(), seed, shape);
        recording.Write();
        return recording;
    }

    /// <summary>Writes the token of a file next to it.</summary>
    public static void Stamp(string path, LocalTimeAuthority authority, DateTimeOffset time)
    {
        var request = Rfc3161TimestampRequest.CreateFromData(File.ReadAllBytes(path), HashAlgorithmName.SHA256, requestSignerCertificates: true);
        File.WriteAllBytes(path + ".tsr", authority.Answer(request.Encode(), time)!);
    }

    private void Write()
    {
        _completeness.Declare(new TrackFacts(1, "PA_1", "ann", "audio", "microphone"));
        _completeness.Declare(new TrackFacts(2, "PA_1", "ann", "video", "camera"));
        _completeness.Declare(1, Audio, "opus", 48_000, null);
        _completeness.Declare(2, Video, "vp8", 90_000, "h");
        if (_shape.Declared is { } cause) _completeness.Explain(new DeclaredSpan(0, cause, Wall(0), Wall(3_600_000_000_000)));
        for (int no = 1; no <= _shape.Segments; no++) WriteSegment(no);
        if (_shape.Sealed) Seal();
    }

    private void WriteSegment(int no)
    {
        (ulong first, byte[] previous, long fromMono) = (_chunks.Next, _chunks.Hash, _mono);
        var facts = new List<ChunkFacts>();
        using var file = new MemoryStream();
        for (int i = 0; i < _shape.ChunksPerSegment; i++)
        {
            uint track = i == 0 ? 0u : 1u + (uint)i % 2;
            IReadOnlyList<StreamIndex> streams = track == 0 ? [] : [NextPackets(track)];
            byte[] body = new byte[_random.Next(20, 200)];
            _random.NextBytes(body);
            file.Write(_chunks.Write(track, _mono, Wall(_mono), streams, body));
            var chunk = new ChunkFacts(track, _chunks.Hash, Wall(_mono), streams);
            facts.Add(chunk);
            _completeness.Add(chunk);
            _mono += 125_000_000;
        }
        for (uint track = 1; track <= 2; track++) Receive(track);
        byte[] content = file.ToArray();
        File.WriteAllBytes(Folder.ObjectPath(Node, no), content);
        var segment = new SegmentFacts(Id, Node, no, content.Length, SHA256.HashData(content), first, previous, facts, fromMono, _mono, Wall(fromMono), Wall(_mono), false);
        string manifest = _manifests.Write(segment, _completeness.CloseSegment(), new EventsEntry(1, 0, []), new ClockEntry(true, 1850), Utc(_mono));
        if (_shape.Tokens) Stamp(manifest, TestAuthority.Authority, Utc(_mono));
    }

    private void Seal()
    {
        var facts = new RecordingFacts(Id, "default", "claims", "required", Node, TestAuthority.Start, Utc(_mono), "stopped");
        string manifest = _manifests.Seal(facts, _completeness.Seal(default), Utc(_mono));
        if (_shape.Tokens) Stamp(manifest, TestAuthority.Authority, Utc(_mono));
    }

    private void Receive(uint track)
    {
        uint ssrc = track == 1 ? Audio : Video;
        _completeness.Receipt(track, ssrc, _archived[track] + _shape.Unarchived, _archived[track]);
        _completeness.SenderReport(track, ssrc, _next[track]);
    }

    /// <summary>The next dozen numbers, without those that got lost, and with one that is late.</summary>
    private StreamIndex NextPackets(uint track)
    {
        var numbers = new SortedSet<uint>();
        int count = _random.Next(5, 15);
        if (_shape.Pause && _random.Next(4) == 0)
        {
            _completeness.Withhold(track, track == 1 ? Audio : Video, new SequenceRange(_next[track], _next[track] + 6));
            _next[track] += 7;
        }
        if (_late[track].Count > 0 && _random.Next(2) == 0)
        {
            numbers.Add(_late[track][0]);
            _late[track].RemoveAt(0);
        }
        for (int i = 0; i < count; i++)
        {
            uint number = _next[track]++;
            if (i == 0 || i == count - 1 || _random.NextDouble() >= _shape.Loss) numbers.Add(number);
            else if (_random.Next(3) == 0) _late[track].Add(number);
        }
        var holes = new List<SequenceRange>();
        uint before = numbers.Min;
        foreach (uint number in numbers)
        {
            if (number > before + 1) holes.Add(new SequenceRange(before + 1, number - 1));
            before = number;
        }
        _archived[track] += numbers.Count;
        uint repaired = (uint)_random.Next(0, 3);
        return new StreamIndex(track == 1 ? Audio : Video, numbers.Min, numbers.Max, (uint)numbers.Count, repaired, (uint)_random.Next(2),
            (ulong)numbers.Count * 100, numbers.Max * (track == 1 ? 960L : 3000L), holes);
    }

    private static long Wall(long mono) => TestAuthority.Start.ToUnixTimeMilliseconds() * 1000 + mono / 1000;

    private static DateTimeOffset Utc(long mono) => DateTimeOffset.UnixEpoch.AddMicroseconds(Wall(mono));
}
