using System.Buffers.Binary;
using System.Security.Cryptography;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Segments;

namespace Sfu.Verify.Tests;

/// <summary>Chunks that the recorder's own journal seals, before the verifier that shares no code with it.</summary>
public sealed class JournalTests
{
    private const uint Ssrc = 0xCAFE0001;
    private const int Segments = 3, ChunksPerSegment = 6, PacketsPerChunk = 12;
    private const string Node = "rec-a";

    private readonly EvidenceFolder _folder = new(TestAuthority.NewFolder());
    private readonly Guid _id = Guid.CreateVersion7(TestAuthority.Start);
    private readonly Completeness _completeness = new();
    private readonly List<uint> _lost = [];
    private readonly Random _random = new(7);
    private uint _next = 65_400;
    private long _stored;

    [Fact]
    public void Run_ChunksOfTheJournal_AreAcceptedAndCounted()
    {
        Write();

        Report report = Verifier.Run(_folder.Path, TestAuthority.RootPem);

        Assert.True(report.Verdict == Verdict.ValidWithGaps, ReportWriter.Text(report));
        Assert.Equal(Segments * ChunksPerSegment, report.Chunks);
        Assert.Equal(_stored, report.Packets);
        Assert.Equal(_lost, report.Gaps.SelectMany(gap => Enumerable.Range((int)gap.FirstSeq!.Value, (int)gap.Packets)).Select(number => (uint)number));
        Assert.DoesNotContain(report.Findings, finding => finding.Code == "sender_counts_otherwise");
    }

    [Fact]
    public void Run_BitOfAJournalsChunkFlipped_NamesIt()
    {
        Write();
        var copy = new EvidenceCopy(_folder.Path);
        byte[] content = [.. copy.Original(copy.Objects[1])];
        content[content.Length / 2] ^= 16;
        copy.Write(copy.Objects[1], content);

        Finding finding = Assert.Single(copy.Verify().Findings, finding => finding.Verdict == Verdict.Tampered);

        Assert.Equal(("chunk_changed", copy.Objects[1]), (finding.Code, finding.File));
        Assert.Equal(EvidenceCopy.ChunkAt(copy.Original(copy.Objects[1]), content.Length / 2), finding.Chunk);
    }

    private void Write()
    {
        _folder.Prepare(TestAuthority.Keys, [TestAuthority.Signer], TestAuthority.Authority.CertificatePem, Node);
        _completeness.Declare(new TrackFacts(1, "PA_1", "ann", "audio", "microphone"));
        _completeness.Declare(1, Ssrc, "opus", 48_000, null);
        var manifests = new ManifestWriter(_folder, TestAuthority.Keys, TestAuthority.Signer);
        var chain = new RecordingChain(_id);
        var builder = new ChunkBuilder(1);
        for (int no = 1; no <= Segments; no++) WriteSegment(no, chain, builder, manifests);
        DateTimeOffset end = TestAuthority.Start.AddMinutes(3);
        var facts = new RecordingFacts(_id, "default", "claims", "required", Node, TestAuthority.Start, end, "stopped");
        TestRecording.Stamp(manifests.Seal(facts, _completeness.Seal(default), end), TestAuthority.Authority, end);
    }

    private void WriteSegment(int no, RecordingChain chain, ChunkBuilder builder, ManifestWriter manifests)
    {
        (ulong first, byte[] previous, var chunks) = (chain.Next, chain.Last.ToArray(), new List<ChunkFacts>());
        using var file = new MemoryStream();
        long from = chain.Next == 0 ? 0 : (long)chain.Next * 240_000_000;
        for (int i = 0; i < ChunksPerSegment; i++) chunks.Add(Seal(chain, builder, file));
        byte[] content = file.ToArray();
        File.WriteAllBytes(_folder.ObjectPath(Node, no), content);
        _completeness.Receipt(1, Ssrc, _stored, _stored);
        _completeness.SenderReport(1, Ssrc, _next);
        long to = (long)chain.Next * 240_000_000;
        var segment = new SegmentFacts(_id, Node, no, content.Length, SHA256.HashData(content), first, previous, chunks, from, to, Wall(from), Wall(to), false);
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddMicroseconds(Wall(to));
        TestRecording.Stamp(manifests.Write(segment, _completeness.CloseSegment(), new EventsEntry(0, 0, []), new ClockEntry(true, 100), now), TestAuthority.Authority, now);
    }

    private ChunkFacts Seal(RecordingChain chain, ChunkBuilder builder, MemoryStream file)
    {
        long mono = (long)chain.Next * 240_000_000;
        for (int i = 0; i < PacketsPerChunk; i++)
        {
            uint number = _next++;
            if (i is > 0 and < PacketsPerChunk - 1 && _random.Next(8) == 0) { _lost.Add(number); continue; }
            builder.AddRtp(new JournalRecord((RecordType)1, 0, 0, mono, Wall(mono), Packet(number)), Ssrc, number);
            _stored++;
            if (_random.Next(6) == 0) builder.AddRtp(new JournalRecord((RecordType)1, 0, 0, mono, Wall(mono), Packet(number)), Ssrc, number);
        }
        byte[] index = new byte[builder.IndexSize];
        builder.WriteIndex(index);
        byte[] room = new byte[ChainHash.Size + ChunkSealer.SizeOf(index.Length, builder.Body.Length)];
        using var key = new AesGcm(RandomNumberGenerator.GetBytes(32), 16);
        ChunkSealer.Seal(chain, key, new ChunkHeader(FrameKind.Chunk, 0, _id, 1, 0, 0, mono, Wall(mono), 0, 0), index, builder.Body, room);
        builder.Clear();
        file.Write(room.AsSpan(ChainHash.Size));
        Assert.Equal(JournalFailure.None, Sfu.Recorder.Journal.SideIndex.TryRead(index, out IReadOnlyList<StreamIndex> streams));
        var chunk = new ChunkFacts(1, chain.Last.ToArray(), Wall(mono), streams);
        _completeness.Add(chunk);
        return chunk;
    }

    private byte[] Packet(uint number)
    {
        byte[] packet = new byte[12 + _random.Next(20, 80)];
        (packet[0], packet[1]) = (0x80, 111);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), number * 960);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Ssrc);
        return packet;
    }

    private static long Wall(long mono) => TestAuthority.Start.ToUnixTimeMilliseconds() * 1000 + mono / 1000;
}
