using Sfu.Recorder.Journal;
using Sfu.Recorder.Wal;

namespace Sfu.Recorder.Segments;

/// <summary>A durable chunk that is in no signed segment yet.</summary>
/// <param name="File">The file of the log that holds it.</param>
/// <param name="Offset">Where in it.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Chunk">Its number.</param>
/// <param name="Hash">Its link.</param>
/// <param name="FirstMono">Receive time of its first record, nanoseconds.</param>
/// <param name="Marks">Its marks.</param>
internal readonly record struct ChunkRef(WalFile File, long Offset, int Size, ulong Chunk, ChainHash Hash, long FirstMono, ChunkMarks Marks);
