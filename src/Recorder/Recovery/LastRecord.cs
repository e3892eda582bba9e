using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Recovery;

/// <summary>Finds out until when a recovered recording was recorded: the last records are inside of sealed chunks.</summary>
internal static class LastRecord
{
    private const int Chunks = 32;

    /// <summary>Raises <see cref="RecoveredRecording.LastWall"/> to the last record that can be opened.</summary>
    internal static void Find(RecoveredRecording recording, IJournalFiles files, KeyRing keys)
    {
        using var source = new ChunkSource(files);
        byte[] frame = new byte[ChunkFormat.MaxChunk], plain = new byte[ChunkFormat.MaxBody];
        for (int i = Math.Max(0, recording.Chunks.Count - Chunks); i < recording.Chunks.Count; i++)
        {
            ChunkRef chunk = recording.Chunks[i];
            ChainHash previous = i == 0 ? recording.SealedHash : recording.Chunks[i - 1].Hash;
            if (source.Read(chunk, frame.AsSpan(0, chunk.Size)).IsFailure) continue;   // its header's time is known
            if (ChunkReader.TryRead(frame.AsSpan(0, chunk.Size), out ChunkView view) != JournalFailure.None) continue;
            var id = new TrackKeyId(recording.Info.Id, view.Header.Track, view.Header.KeyEpoch);
            if (!keys.TryGet(id, out ReadOnlySpan<byte> key)) continue;
            if (ChunkReader.TryOpen(view, previous, key, plain) != JournalFailure.None) continue;
            ReadOnlySpan<byte> rest = plain.AsSpan(0, view.Header.BodySize);
            while (!rest.IsEmpty && JournalRecord.TryTake(ref rest, out JournalRecord record) == JournalFailure.None)
                recording.LastWall = Math.Max(recording.LastWall, record.Wall);
        }
    }
}
