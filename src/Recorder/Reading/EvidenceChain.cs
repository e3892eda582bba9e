using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Reading;

/// <summary>The chain over the segments of a recording: what proofs are made of. Needs no key.</summary>
/// <remarks>Stateless. Reads only.</remarks>
public static class EvidenceChain
{
    /// <summary>The link of every chunk in the segments of a folder, in order.</summary>
    /// <param name="folder">The evidence folder.</param>
    /// <param name="recording">Whose it is.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Empty when there is no segment.</returns>
    /// <exception cref="EvidenceException">A segment is not the next chunks of this recording.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<ChainHash> Of(string folder, Guid recording, CancellationToken cancellation = default)
    {
        var links = new List<ChainHash>();
        string segments = Path.Combine(folder, "seg");
        if (!Directory.Exists(segments)) return links;
        // Numbers of segments go on from node to node.
        foreach (string path in Directory.EnumerateFiles(segments, "seg-*.sfuj", SearchOption.AllDirectories).OrderBy(Path.GetFileName, StringComparer.Ordinal))
        {
            using var file = new ChunkFile(path);
            for (long at = 0; file.TryReadAt(at, out ReadOnlySpan<byte> frame); at += frame.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                links.Add(Next(frame, recording, links, $"{path} at {at}"));
            }
        }

        return links;
    }

    private static ChainHash Next(ReadOnlySpan<byte> frame, Guid recording, List<ChainHash> before, string place)
    {
        JournalFailure failure = ChunkReader.TryRead(frame, out ChunkView view);
        if (failure == JournalFailure.None && view.Header.Kind != FrameKind.Chunk) failure = JournalFailure.BadKind;
        if (failure == JournalFailure.None && view.Header.Recording != recording) failure = JournalFailure.BadRecording;
        if (failure == JournalFailure.None && view.Header.Chunk != (ulong)before.Count) failure = JournalFailure.BadOrder;
        if (failure != JournalFailure.None) throw new EvidenceException($"{place}: {failure}");
        return RecordingChain.Link(before.Count == 0 ? ChainHash.Start(recording) : before[^1], view.Linked);
    }
}
