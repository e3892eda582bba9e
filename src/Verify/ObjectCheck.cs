using System.Security.Cryptography;

namespace Sfu.Verify;

/// <summary>Reads one segment's chunks: frames, numbers, chain, tree, side indexes.</summary>
/// <param name="report">Where changed chunks go.</param>
/// <param name="name">The file.</param>
/// <param name="recording">The recording's id, 16 bytes; null when nothing says which.</param>
/// <param name="firstChunk">Number that the first chunk should have; null when nothing says which.</param>
/// <param name="previous">Chain hash before the first chunk; null when nothing says which.</param>
/// <param name="expectedBytes">Size of the whole file; null when nothing says which, then an end within a frame is a torn write.</param>
internal sealed class ObjectCheck(Report report, string name, byte[]? recording, ulong? firstChunk, byte[]? previous, long? expectedBytes) : IDisposable
{
    private readonly IncrementalHash _hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Something in it was changed, and is reported.</summary>
    internal bool IsDamaged { get; private set; }

    /// <summary>It ends within a frame.</summary>
    internal bool IsTorn { get; private set; }

    internal long Chunks { get; private set; }
    internal long Bytes { get; private set; }
    internal byte[]? First { get; private set; }
    internal byte[]? Last { get; private set; } = previous;
    internal MerkleRoot Tree { get; } = new();
    internal byte[]? Recording { get; private set; } = recording;
    internal ulong? Next { get; private set; } = firstChunk;

    /// <summary>Reads all frames.</summary>
    /// <param name="chunks">The file.</param>
    /// <param name="whole">Tree over the recording, which takes every chunk too.</param>
    /// <param name="recount">Takes every side index.</param>
    internal void Read(ChunkReader chunks, MerkleRoot whole, Recount recount)
    {
        bool isAligned = true;                                 // the frame begins where one has to
        while (true)
        {
            FrameState state = chunks.Next();
            if (state == FrameState.End) break;
            if (state == FrameState.Torn && (expectedBytes is null || chunks.Length < expectedBytes)) { IsTorn = true; break; }
            if (state is FrameState.Torn or FrameState.NoHeader)
            {
                if (isAligned) Damaged(state == FrameState.Torn ? "chunk_changed" : "frame_wrong", chunks.Offset, "no frame of a chunk can be read here");
                break;
            }
            Chunk chunk = chunks.Current;
            isAligned = state == FrameState.Good;
            if (state == FrameState.Changed) Damaged("chunk_changed", chunks.Offset, "its checksum is wrong: a byte of it was changed");
            else Take(chunk, chunks.Offset, recount);
            Link(chunk, whole);
        }
        Bytes = chunks.Length;
    }

    public void Dispose() => _hasher.Dispose();

    private void Take(in Chunk chunk, long offset, Recount recount)
    {
        Recording ??= chunk.Recording.ToArray();
        Next ??= chunk.Number;
        if (!chunk.Recording.SequenceEqual(Recording)) Damaged("chunk_foreign", offset, $"it belongs to recording {ChainState.Text(chunk.Recording)}");
        else if (chunk.Number != Next) Damaged("chunk_out_of_order", offset, $"chunk {chunk.Number} stands where {Next} should");
        else if (!recount.Add(chunk)) Damaged("index_wrong", offset, "its side index contradicts itself");
        Next = chunk.Number;                                   // go on from what is there: one swap is one finding, not thousands
    }

    private void Link(in Chunk chunk, MerkleRoot whole)
    {
        Next = unchecked(Next + 1);
        Chunks++;
        Last ??= ChainState.Genesis(Recording ?? chunk.Recording);
        Last = ChainState.Link(_hasher, Last, chunk);
        First ??= Last;
        Tree.Add(Last);
        whole.Add(Last);
    }

    private void Damaged(string code, long offset, string detail)
    {
        report.Add(Verdict.Tampered, code, name, detail, Next, offset);
        IsDamaged = true;
    }
}
