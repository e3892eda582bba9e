using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>What is used of libavformat 59 (FFmpeg 5.1): muxers that write files.</summary>
internal static partial class LibAvFormat
{
    private const string Library = "libavformat.so.59";

    [LibraryImport(Library, EntryPoint = "avformat_version")]
    internal static partial uint Version();

    [LibraryImport(Library, EntryPoint = "avformat_alloc_output_context2", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int AllocateOutput(out nint context, nint format, string formatName, string fileName);

    [LibraryImport(Library, EntryPoint = "avformat_free_context")]
    internal static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "avio_open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenFile(ref nint io, string url, int flags);

    [LibraryImport(Library, EntryPoint = "avio_closep")]
    internal static partial int CloseFile(ref nint io);

    [LibraryImport(Library, EntryPoint = "avformat_new_stream")]
    internal static partial nint NewStream(AvOutput context, nint codec);

    [LibraryImport(Library, EntryPoint = "av_stream_new_side_data")]
    internal static partial nint NewSideData(nint stream, int kind, nuint size);

    [LibraryImport(Library, EntryPoint = "avformat_write_header")]
    internal static partial int WriteHeader(AvOutput context, ref nint options);

    [LibraryImport(Library, EntryPoint = "av_interleaved_write_frame")]
    internal static partial int WriteInterleaved(AvOutput context, AvPacket packet);

    [LibraryImport(Library, EntryPoint = "av_write_trailer")]
    internal static partial int WriteTrailer(AvOutput context);
}
