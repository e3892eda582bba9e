namespace Sfu.Recorder.Wal;

/// <summary>One file of the log.</summary>
/// <remarks>Owned by the recorder's thread. It may be deleted when nothing in it is needed any more.</remarks>
/// <param name="path">Its path.</param>
/// <param name="descriptor">Open for writing; -1 for one of an earlier process.</param>
internal sealed class WalFile(string path, int descriptor)
{
    /// <summary>Its path.</summary>
    internal string Path => path;

    /// <summary>Open for writing; -1 for one of an earlier process.</summary>
    internal int Descriptor => descriptor;

    /// <summary>Where the next frame goes.</summary>
    internal long End { get; set; }

    /// <summary>True once it was synced: then its head is on the disk.</summary>
    internal bool IsDurable { get; set; }

    /// <summary>Chunks in it that are durable and in no signed segment.</summary>
    internal int UnsealedChunks { get; set; }

    /// <summary>Frames of keys in it that are not in the vault.</summary>
    internal int UnvaultedKeys { get; set; }

    /// <summary>Some of it could not be read: it is kept for who can.</summary>
    internal bool IsDamaged { get; set; }

    /// <summary>Nothing in it is needed.</summary>
    internal bool IsSpent => UnsealedChunks == 0 && UnvaultedKeys == 0 && !IsDamaged;
}
