using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>What is used of libavutil 57 (FFmpeg 5.1): memory, dictionaries, options, frames, logging.</summary>
/// <remarks>Structures are opaque; the fields that are read lie where <see cref="AvLayout"/> says.</remarks>
internal static unsafe partial class LibAvUtil
{
    private const string Library = "libavutil.so.57";

    [LibraryImport(Library, EntryPoint = "avutil_version")]
    internal static partial uint Version();

    [LibraryImport(Library, EntryPoint = "av_version_info")]
    internal static partial nint VersionText();

    [LibraryImport(Library, EntryPoint = "av_log_set_level")]
    internal static partial void SetLogLevel(int level);

    [LibraryImport(Library, EntryPoint = "av_strerror")]
    internal static partial int Describe(int error, byte* text, nuint size);

    /// <summary>Zeroed memory that <see cref="Free"/>, or the structure that takes it over, gives back.</summary>
    [LibraryImport(Library, EntryPoint = "av_mallocz")]
    internal static partial nint Allocate(nuint size);

    [LibraryImport(Library, EntryPoint = "av_free")]
    internal static partial void Free(nint memory);

    [LibraryImport(Library, EntryPoint = "av_dict_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetEntry(ref nint dictionary, string key, string value, int flags);

    /// <summary>The entry after a given one; with an empty key and <see cref="AvLayout.DictionaryIgnoreSuffix"/> each entry in turn.</summary>
    [LibraryImport(Library, EntryPoint = "av_dict_get", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint GetEntry(nint dictionary, string key, nint previous, int flags);

    [LibraryImport(Library, EntryPoint = "av_dict_free")]
    internal static partial void FreeDictionary(ref nint dictionary);

    [LibraryImport(Library, EntryPoint = "av_opt_set", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetOption(nint instance, string name, string value, int searchFlags);

    [LibraryImport(Library, EntryPoint = "av_channel_layout_default")]
    internal static partial void DefaultChannels(nint layout, int channels);

    [LibraryImport(Library, EntryPoint = "av_frame_alloc")]
    internal static partial nint AllocateFrame();

    [LibraryImport(Library, EntryPoint = "av_frame_free")]
    internal static partial void FreeFrame(ref nint frame);

    [LibraryImport(Library, EntryPoint = "av_frame_unref")]
    internal static partial void UnreferenceFrame(AvFrame frame);

    [LibraryImport(Library, EntryPoint = "av_frame_ref")]
    internal static partial int ReferenceFrame(AvFrame target, AvFrame source);

    [LibraryImport(Library, EntryPoint = "av_frame_get_buffer")]
    internal static partial int AllocateBuffers(AvFrame frame, int alignment);

    [LibraryImport(Library, EntryPoint = "av_frame_make_writable")]
    internal static partial int MakeWritable(AvFrame frame);
}
