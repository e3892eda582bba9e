using Sfu.Recorder.Journal;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Reading;

/// <summary>One chunk read back.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Hash">Its link.</param>
/// <param name="Streams">Its side index.</param>
/// <param name="Entries">Its records; none when its key was destroyed.</param>
/// <param name="IsErased">Its key is not in the vault.</param>
public sealed record JournalChunk(
    ChunkHeader Header, ChainHash Hash, IReadOnlyList<StreamIndex> Streams, IReadOnlyList<JournalEntry> Entries, bool IsErased);
