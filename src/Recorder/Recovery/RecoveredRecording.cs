using Sfu.Recorder.Journal;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Recovery;

/// <summary>A recording that was open when the process before this one ended.</summary>
/// <remarks>Filled by one <see cref="WalScanner"/>.</remarks>
internal sealed class RecoveredRecording(RecordingInfo info)
{
    private readonly SortedDictionary<uint, TrackInfo> _tracks = [];

    /// <summary>What it is.</summary>
    internal RecordingInfo Info => info;

    /// <summary>Number of the next chunk.</summary>
    internal ulong Next { get; private set; }

    /// <summary>The hash before it.</summary>
    internal ChainHash Hash { get; private set; } = ChainHash.Start(info.Id);

    /// <summary>Chunks before it are in signed segments.</summary>
    internal ulong Sealed { get; private set; }

    /// <summary>The hash before that chunk.</summary>
    internal ChainHash SealedHash { get; private set; } = ChainHash.Start(info.Id);

    /// <summary>Number of the next segment.</summary>
    internal int NextSegment { get; private set; } = 1;

    /// <summary>Number of the next track.</summary>
    internal uint NextTrack { get; private set; } = 1;

    /// <summary>Key epoch of track 0 that was never used.</summary>
    internal uint NextEpoch { get; private set; }

    /// <summary>Its last chunk was sealed: it only waits for being signed.</summary>
    internal bool IsEnded => Chunks.Count > 0 && (Chunks[^1].Marks & ChunkMarks.Last) != 0;

    /// <summary>Its last chunk is in a signed segment.</summary>
    internal bool IsSealed { get; private set; }

    /// <summary>Tracks by number.</summary>
    internal IReadOnlyCollection<TrackInfo> Tracks => _tracks.Values;

    /// <summary>Interruptions before this one.</summary>
    internal IReadOnlyList<Interruption> Interruptions { get; private set; } = [];

    /// <summary>Chunks that are in no signed segment, in order.</summary>
    internal List<ChunkRef> Chunks { get; } = [];

    /// <summary>Receive time of the last record, microseconds since 1970; of the first record of the last chunk when that does not open.</summary>
    internal long LastWall { get; set; } = info.StartedWallMicroseconds;

    /// <summary>Takes a state. One at the head of a file is right about what is on the disk before it: what the file before held beyond it
    /// was never promised, and is written again in this one.</summary>
    internal JournalFailure Take(Wal.OpenedState state)
    {
        NextTrack = Math.Max(NextTrack, state.NextTrack);
        NextEpoch = Math.Max(NextEpoch, state.NextEpoch);
        foreach (TrackInfo track in state.Tracks ?? []) _tracks[track.No] = track;
        if (state.Next is not { } next) return JournalFailure.None;
        if (!ChainHash.TryParse(state.Hash, out ChainHash hash) || !ChainHash.TryParse(state.SealedHash, out ChainHash sealedHash)) return JournalFailure.BadRecord;
        Interruptions = state.Interruptions ?? [];
        if (state.Sealed >= Sealed) (Sealed, SealedHash, NextSegment) = (state.Sealed, sealedHash, Math.Max(NextSegment, state.NextSegment));
        int cut = Chunks.FindIndex(chunk => chunk.Chunk >= next);
        if (cut >= 0) Drop(cut, Chunks.Count - cut);
        (Next, Hash) = (next, hash);
        DropSealed();
        return JournalFailure.None;
    }

    /// <summary>Takes a chunk when it is the next one; any other was written again elsewhere.</summary>
    internal void Take(ChunkView view, Wal.WalFile file, long offset)
    {
        if (view.Header.Chunk != Next) return;
        Hash = RecordingChain.Link(Hash, view.Linked);
        Next++;
        if (view.Header.Track == 0) NextEpoch = Math.Max(NextEpoch, view.Header.KeyEpoch + 1);
        NextTrack = Math.Max(NextTrack, view.Header.Track + 1);
        if (view.Header.Chunk < Sealed) return;
        Chunks.Add(new ChunkRef(file, offset, view.Frame.Length, view.Header.Chunk, Hash, view.Header.FirstMono, view.Header.Flags));
        file.UnsealedChunks++;
        LastWall = Math.Max(LastWall, view.Header.FirstWall);
    }

    /// <summary>Takes a key: its epoch was used.</summary>
    internal void Take(Keys.TrackKeyId key)
    {
        if (key.Track == 0) NextEpoch = Math.Max(NextEpoch, key.Epoch + 1);
        NextTrack = Math.Max(NextTrack, key.Track + 1);
    }

    /// <summary>Takes word that segments were signed.</summary>
    internal void TakeSealed(ulong chunk, ChainHash hash, int nextSegment)
    {
        if (chunk <= Sealed) return;
        (Sealed, SealedHash, NextSegment) = (chunk, hash, nextSegment);
        DropSealed();
    }

    private void DropSealed()
    {
        int count = 0;
        for (; count < Chunks.Count && Chunks[count].Chunk < Sealed; count++) IsSealed = (Chunks[count].Marks & ChunkMarks.Last) != 0;
        Drop(0, count);
    }

    private void Drop(int from, int count)
    {
        for (int i = from; i < from + count; i++) Chunks[i].File.UnsealedChunks--;
        Chunks.RemoveRange(from, count);
    }
}
