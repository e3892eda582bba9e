namespace Sfu.Recorder.Wal;

/// <summary>The first frame of a file of the log.</summary>
/// <param name="V">Always <c>sfu-wal/1</c>.</param>
/// <param name="Node">Who wrote it.</param>
/// <param name="Start">When the process began, milliseconds since 1970.</param>
/// <param name="File">Its number in the process, from 1.</param>
internal sealed record WalHead(string V, string Node, long Start, int File);
