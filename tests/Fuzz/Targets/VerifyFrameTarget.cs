using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sfu.Verify;

namespace Sfu.Fuzz.Targets;

/// <summary>The verifier's parser of segment files, under files that were made to mislead it: it ends, counts no byte twice, and names no chunk without a place.</summary>
internal sealed class VerifyFrameTarget : FuzzTarget
{
    private static readonly byte[] Recording = new byte[16];

    public override string Name => "verify-frames";

    public override string SeedKind => "sfuj";

    /// <summary>The reader's one buffer, and what findings and ranges take.</summary>
    public override long AllocationLimit(int length) => 256 * 1024 + 64L * length;

    public override IEnumerable<byte[]> Seeds() => [[.. Frame(0, []), .. Frame(1, Index(2)), .. Frame(2, Index(3))], Frame(0, Index(40))];

    public override long Run(ReadOnlySpan<byte> input)
    {
        int length = input.Length;
        var report = new Report();
        var recount = new Recount();
        var whole = new MerkleRoot();
        using var stream = new MemoryStream(input.ToArray());
        using var chunks = new ChunkReader(stream);
        using var check = new ObjectCheck(report, "seg/n/seg-000001.sfuj", Recording, 0, null, null);
        check.Read(chunks, whole, recount);
        byte[] hash = chunks.Finish();
        Oracle.That(hash.AsSpan().SequenceEqual(SHA256.HashData(input)), "the hash is not that of the whole file");
        Oracle.That(check.Bytes <= input.Length && check.Chunks * (Chunk.HeaderSize + Chunk.TagSize + Chunk.CrcSize) <= input.Length, "more chunks than bytes");
        Oracle.That(whole.Size == check.Chunks && check.Tree.Size == check.Chunks, "a chunk is not in the tree");
        Oracle.That(check.IsDamaged == report.Findings.Count > 0, "damage without a finding");
        Oracle.That(report.Findings.All(finding => finding.Offset >= 0 && finding.Offset <= length), "a finding has no place in the file");
        recount.Close();
        Oracle.That(recount.Packets >= 0, "a negative count");
        return check.Chunks + 100 * report.Findings.Count + (check.IsTorn ? 10_000 : 0) + (recount.Packets > 0 ? 100_000 : 0);
    }

    /// <summary>Half of the inputs get right checksums, so that what lies behind them is reached.</summary>
    public override int Repair(Span<byte> input, FuzzRandom random)
    {
        if (random.OnceIn(2)) return input.Length;
        for (Span<byte> rest = input; rest.Length >= Chunk.HeaderSize;)
        {
            int size = Chunk.Size(rest);
            if (size == 0 || size > rest.Length) break;
            BinaryPrimitives.WriteUInt32LittleEndian(rest[(size - Chunk.CrcSize)..], Crc32C.Of(rest[..(size - Chunk.CrcSize)]));
            rest = rest[size..];
        }
        return input.Length;
    }

    private static byte[] Frame(ulong number, byte[] index)
    {
        byte[] body = Encoding.ASCII.GetBytes("sealed body");
        byte[] frame = new byte[Chunk.HeaderSize + index.Length + body.Length + Chunk.TagSize + Chunk.CrcSize];
        "SFUJ\u0001\u0001"u8.CopyTo(frame);
        frame[24] = (byte)(index.Length == 0 ? 0 : 1);
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(32), number);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(56), body.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(60), index.Length);
        index.CopyTo(frame, Chunk.HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(frame.Length - Chunk.CrcSize), Crc32C.Of(frame.AsSpan(0, frame.Length - Chunk.CrcSize)));
        return frame;
    }

    /// <summary>A side index of one stream with a hole behind every number but the last.</summary>
    private static byte[] Index(int holes)
    {
        byte[] index = new byte[4 + 44 + 8 * holes];
        index[0] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(index.AsSpan(4 + 4), 10);
        BinaryPrimitives.WriteUInt32LittleEndian(index.AsSpan(4 + 8), 10 + 2 * (uint)holes);
        BinaryPrimitives.WriteInt32LittleEndian(index.AsSpan(4 + 12), holes + 1);
        BinaryPrimitives.WriteInt32LittleEndian(index.AsSpan(4 + 40), holes);
        for (int i = 0; i < holes; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(index.AsSpan(48 + 8 * i), 11 + 2 * (uint)i);
            BinaryPrimitives.WriteUInt32LittleEndian(index.AsSpan(52 + 8 * i), 11 + 2 * (uint)i);
        }
        return index;
    }
}
