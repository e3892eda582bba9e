using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>What is used of libavfilter 8 (FFmpeg 5.1): graphs made from text, fed and drained frame by frame.</summary>
internal static partial class LibAvFilter
{
    private const string Library = "libavfilter.so.8";

    [LibraryImport(Library, EntryPoint = "avfilter_version")]
    internal static partial uint Version();

    [LibraryImport(Library, EntryPoint = "avfilter_graph_alloc")]
    internal static partial nint AllocateGraph();

    [LibraryImport(Library, EntryPoint = "avfilter_graph_free")]
    internal static partial void FreeGraph(ref nint graph);

    [LibraryImport(Library, EntryPoint = "avfilter_graph_parse_ptr", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Parse(AvFilterGraph graph, string text, nint inputs, nint outputs, nint logContext);

    [LibraryImport(Library, EntryPoint = "avfilter_graph_config")]
    internal static partial int Configure(AvFilterGraph graph, nint logContext);

    /// <summary>The filter that the text calls <c>kind@name</c>; it belongs to the graph.</summary>
    [LibraryImport(Library, EntryPoint = "avfilter_graph_get_filter", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint FindFilter(AvFilterGraph graph, string name);

    [LibraryImport(Library, EntryPoint = "av_buffersrc_add_frame_flags")]
    internal static partial int AddFrame(nint source, nint frame, int flags);

    [LibraryImport(Library, EntryPoint = "av_buffersink_get_frame")]
    internal static partial int GetFrame(nint sink, AvFrame frame);
}
