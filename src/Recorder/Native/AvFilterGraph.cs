using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>An AVFilterGraph made from a text. Owned by whoever made it; one thread at a time.</summary>
/// <remarks>The text names its ends: sources <c>buffer@NAME</c> or <c>abuffer@NAME</c>, one sink <c>buffersink@out</c> or <c>abuffersink@out</c>.</remarks>
internal sealed class AvFilterGraph : SafeHandle
{
    private readonly nint _sink;

    /// <summary>Parses and connects the text.</summary>
    /// <param name="text">In the syntax of FFmpeg's filter graphs.</param>
    public AvFilterGraph(string text) : base(0, ownsHandle: true)
    {
        AvLibrary.EnsureLoaded();
        SetHandle(AvException.CheckMemory(LibAvFilter.AllocateGraph(), "filter graph"));
        AvException.Check(LibAvFilter.Parse(this, text, 0, 0, 0), text);
        AvException.Check(LibAvFilter.Configure(this, 0), text);
        _sink = LibAvFilter.FindFilter(this, "buffersink@out");
        if (_sink == 0) _sink = LibAvFilter.FindFilter(this, "abuffersink@out");
        if (_sink == 0) throw new ArgumentException("The graph has no sink called out.", nameof(text));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>A source by its full name, to be given to <see cref="Push"/>; it lives as long as the graph.</summary>
    internal nint Source(string name) =>
        LibAvFilter.FindFilter(this, name) is not 0 and var source ? source : throw new ArgumentException($"The graph has no source {name}.", nameof(name));

    /// <summary>Gives a source a frame, which stays the caller's; null tells that no more come.</summary>
    internal void Push(nint source, AvFrame? frame)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        AvException.Check(LibAvFilter.AddFrame(source, frame?.Pointer ?? 0, AvLayout.BufferSourceKeepReference), "filter");
    }

    /// <summary>Takes the next frame from the sink.</summary>
    /// <returns>False when there is none now, or no more come.</returns>
    internal bool Pull(AvFrame frame)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        int result = LibAvFilter.GetFrame(_sink, frame);
        if (result is AvLayout.ErrorAgain or AvLayout.ErrorEndOfFile) return false;
        AvException.Check(result, "filter");
        return true;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibAvFilter.FreeGraph(ref handle);
        return true;
    }
}
