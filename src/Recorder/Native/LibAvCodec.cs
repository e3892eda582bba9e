using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>What is used of libavcodec 59 (FFmpeg 5.1): packets, codec parameters, decoders and encoders.</summary>
internal static unsafe partial class LibAvCodec
{
    private const string Library = "libavcodec.so.59";

    [LibraryImport(Library, EntryPoint = "avcodec_version")]
    internal static partial uint Version();

    [LibraryImport(Library, EntryPoint = "avcodec_find_decoder_by_name", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint FindDecoder(string name);

    [LibraryImport(Library, EntryPoint = "avcodec_find_encoder_by_name", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint FindEncoder(string name);

    [LibraryImport(Library, EntryPoint = "avcodec_alloc_context3")]
    internal static partial nint AllocateContext(nint codec);

    [LibraryImport(Library, EntryPoint = "avcodec_free_context")]
    internal static partial void FreeContext(ref nint context);

    [LibraryImport(Library, EntryPoint = "avcodec_open2")]
    internal static partial int Open(AvCodecContext context, nint codec, nint options);

    [LibraryImport(Library, EntryPoint = "avcodec_send_packet")]
    internal static partial int SendPacket(AvCodecContext context, nint packet);

    [LibraryImport(Library, EntryPoint = "avcodec_receive_frame")]
    internal static partial int ReceiveFrame(AvCodecContext context, AvFrame frame);

    [LibraryImport(Library, EntryPoint = "avcodec_send_frame")]
    internal static partial int SendFrame(AvCodecContext context, nint frame);

    [LibraryImport(Library, EntryPoint = "avcodec_receive_packet")]
    internal static partial int ReceivePacket(AvCodecContext context, AvPacket packet);

    [LibraryImport(Library, EntryPoint = "avcodec_flush_buffers")]
    internal static partial void Flush(AvCodecContext context);

    [LibraryImport(Library, EntryPoint = "avcodec_parameters_alloc")]
    internal static partial nint AllocateParameters();

    [LibraryImport(Library, EntryPoint = "avcodec_parameters_free")]
    internal static partial void FreeParameters(ref nint parameters);

    [LibraryImport(Library, EntryPoint = "avcodec_parameters_copy")]
    internal static partial int CopyParameters(nint target, AvCodecParameters source);

    [LibraryImport(Library, EntryPoint = "avcodec_parameters_to_context")]
    internal static partial int ApplyParameters(AvCodecContext context, AvCodecParameters parameters);

    [LibraryImport(Library, EntryPoint = "avcodec_parameters_from_context")]
    internal static partial int ReadParameters(AvCodecParameters parameters, AvCodecContext context);

    [LibraryImport(Library, EntryPoint = "av_packet_alloc")]
    internal static partial nint AllocatePacket();

    [LibraryImport(Library, EntryPoint = "av_packet_free")]
    internal static partial void FreePacket(ref nint packet);

    [LibraryImport(Library, EntryPoint = "av_packet_unref")]
    internal static partial void UnreferencePacket(AvPacket packet);

    [LibraryImport(Library, EntryPoint = "av_new_packet")]
    internal static partial int AllocatePayload(AvPacket packet, int size);
}
