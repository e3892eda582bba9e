using System.Diagnostics;
using System.Globalization;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Tests.Native;

public sealed class AvLayoutTests
{
    private const string Program = """
        #include <stdio.h>
        #include <stddef.h>
        #include <libavformat/avformat.h>
        #include <libavcodec/avcodec.h>
        #include <libavfilter/avfilter.h>
        #include <libavfilter/buffersrc.h>
        #include <libavfilter/buffersink.h>
        #include <libavutil/opt.h>
        #include <libavutil/channel_layout.h>
        #define SAY(name, value) printf(name " %lld\n", (long long)(value))
        int main(void)
        {
            SAY("FormatPb", offsetof(AVFormatContext, pb));
            SAY("FormatMetadata", offsetof(AVFormatContext, metadata));
            SAY("FormatChapterCount", offsetof(AVFormatContext, nb_chapters));
            SAY("FormatChapters", offsetof(AVFormatContext, chapters));
            SAY("StreamIndex", offsetof(AVStream, index));
            SAY("StreamId", offsetof(AVStream, id));
            SAY("StreamTimeBase", offsetof(AVStream, time_base));
            SAY("StreamMetadata", offsetof(AVStream, metadata));
            SAY("StreamParameters", offsetof(AVStream, codecpar));
            SAY("ChapterId", offsetof(AVChapter, id));
            SAY("ChapterTimeBase", offsetof(AVChapter, time_base));
            SAY("ChapterStart", offsetof(AVChapter, start));
            SAY("ChapterEnd", offsetof(AVChapter, end));
            SAY("ChapterMetadata", offsetof(AVChapter, metadata));
            SAY("ChapterSize", sizeof(AVChapter));
            SAY("ParametersType", offsetof(AVCodecParameters, codec_type));
            SAY("ParametersCodec", offsetof(AVCodecParameters, codec_id));
            SAY("ParametersTag", offsetof(AVCodecParameters, codec_tag));
            SAY("ParametersExtradata", offsetof(AVCodecParameters, extradata));
            SAY("ParametersExtradataSize", offsetof(AVCodecParameters, extradata_size));
            SAY("ParametersFormat", offsetof(AVCodecParameters, format));
            SAY("ParametersBitRate", offsetof(AVCodecParameters, bit_rate));
            SAY("ParametersWidth", offsetof(AVCodecParameters, width));
            SAY("ParametersHeight", offsetof(AVCodecParameters, height));
            SAY("ParametersSampleRate", offsetof(AVCodecParameters, sample_rate));
            SAY("ParametersFrameSize", offsetof(AVCodecParameters, frame_size));
            SAY("ParametersChannels", offsetof(AVCodecParameters, ch_layout));
            SAY("PacketPts", offsetof(AVPacket, pts));
            SAY("PacketDts", offsetof(AVPacket, dts));
            SAY("PacketData", offsetof(AVPacket, data));
            SAY("PacketSize", offsetof(AVPacket, size));
            SAY("PacketStream", offsetof(AVPacket, stream_index));
            SAY("PacketFlags", offsetof(AVPacket, flags));
            SAY("PacketDuration", offsetof(AVPacket, duration));
            SAY("FrameData", offsetof(AVFrame, data));
            SAY("FrameLineSizes", offsetof(AVFrame, linesize));
            SAY("FrameExtendedData", offsetof(AVFrame, extended_data));
            SAY("FrameWidth", offsetof(AVFrame, width));
            SAY("FrameHeight", offsetof(AVFrame, height));
            SAY("FrameSamples", offsetof(AVFrame, nb_samples));
            SAY("FrameFormat", offsetof(AVFrame, format));
            SAY("FramePts", offsetof(AVFrame, pts));
            SAY("FrameSampleRate", offsetof(AVFrame, sample_rate));
            SAY("FramePictureType", offsetof(AVFrame, pict_type));
            SAY("FrameChannels", offsetof(AVFrame, ch_layout));
            SAY("ChannelCount", offsetof(AVChannelLayout, nb_channels));
            SAY("EntryKey", offsetof(AVDictionaryEntry, key));
            SAY("EntryValue", offsetof(AVDictionaryEntry, value));
            SAY("TypeVideo", AVMEDIA_TYPE_VIDEO);
            SAY("TypeAudio", AVMEDIA_TYPE_AUDIO);
            SAY("CodecH264", AV_CODEC_ID_H264);
            SAY("CodecVp8", AV_CODEC_ID_VP8);
            SAY("CodecVp9", AV_CODEC_ID_VP9);
            SAY("CodecH265", AV_CODEC_ID_HEVC);
            SAY("CodecAv1", AV_CODEC_ID_AV1);
            SAY("CodecPcmMulaw", AV_CODEC_ID_PCM_MULAW);
            SAY("CodecPcmAlaw", AV_CODEC_ID_PCM_ALAW);
            SAY("CodecG722", AV_CODEC_ID_ADPCM_G722);
            SAY("CodecOpus", AV_CODEC_ID_OPUS);
            SAY("CodecAac", AV_CODEC_ID_AAC);
            SAY("PixelYuv420", AV_PIX_FMT_YUV420P);
            SAY("SampleS16", AV_SAMPLE_FMT_S16);
            SAY("SampleFloat", AV_SAMPLE_FMT_FLT);
            SAY("SampleS16Planar", AV_SAMPLE_FMT_S16P);
            SAY("SampleFloatPlanar", AV_SAMPLE_FMT_FLTP);
            SAY("PacketKey", AV_PKT_FLAG_KEY);
            SAY("PaddingSize", AV_INPUT_BUFFER_PADDING_SIZE);
            SAY("OptionSearchChildren", AV_OPT_SEARCH_CHILDREN);
            SAY("DictionaryIgnoreSuffix", AV_DICT_IGNORE_SUFFIX);
            SAY("IoWrite", AVIO_FLAG_WRITE);
            SAY("LogQuiet", AV_LOG_QUIET);
            SAY("SideDataDisplayMatrix", AV_PKT_DATA_DISPLAYMATRIX);
            SAY("BufferSourceKeepReference", AV_BUFFERSRC_FLAG_KEEP_REF);
            SAY("PictureTypeIntra", AV_PICTURE_TYPE_I);
            SAY("ErrorAgain", AVERROR(EAGAIN));
            SAY("ErrorEndOfFile", AVERROR_EOF);
            SAY("NoTimestamp", AV_NOPTS_VALUE);
            /* The types of what is called: a change here is a compiler error. */
            unsigned (*v1)(void) = avutil_version, (*v2)(void) = avcodec_version, (*v3)(void) = avformat_version, (*v4)(void) = avfilter_version;
            const char *(*info)(void) = av_version_info;
            void (*level)(int) = av_log_set_level;
            int (*describe)(int, char *, size_t) = av_strerror;
            void *(*allocate)(size_t) = av_mallocz;
            void (*release)(void *) = av_free;
            int (*entry)(AVDictionary **, const char *, const char *, int) = av_dict_set;
            AVDictionaryEntry *(*next)(const AVDictionary *, const char *, const AVDictionaryEntry *, int) = av_dict_get;
            void (*forget)(AVDictionary **) = av_dict_free;
            int (*option)(void *, const char *, const char *, int) = av_opt_set;
            void (*channels)(AVChannelLayout *, int) = av_channel_layout_default;
            AVFrame *(*frame)(void) = av_frame_alloc;
            void (*unframe)(AVFrame **) = av_frame_free, (*unref)(AVFrame *);
            unref = av_frame_unref;
            int (*ref)(AVFrame *, const AVFrame *) = av_frame_ref;
            int (*buffer)(AVFrame *, int) = av_frame_get_buffer;
            int (*writable)(AVFrame *) = av_frame_make_writable;
            const AVCodec *(*find)(const char *) = avcodec_find_decoder_by_name;
            find = avcodec_find_encoder_by_name;
            AVCodecContext *(*context)(const AVCodec *) = avcodec_alloc_context3;
            void (*uncontext)(AVCodecContext **) = avcodec_free_context;
            int (*open)(AVCodecContext *, const AVCodec *, AVDictionary **) = avcodec_open2;
            int (*send)(AVCodecContext *, const AVPacket *) = avcodec_send_packet;
            int (*receive)(AVCodecContext *, AVFrame *) = avcodec_receive_frame;
            int (*send2)(AVCodecContext *, const AVFrame *) = avcodec_send_frame;
            int (*receive2)(AVCodecContext *, AVPacket *) = avcodec_receive_packet;
            void (*flush)(AVCodecContext *) = avcodec_flush_buffers;
            AVCodecParameters *(*parameters)(void) = avcodec_parameters_alloc;
            void (*unparameters)(AVCodecParameters **) = avcodec_parameters_free;
            int (*copy)(AVCodecParameters *, const AVCodecParameters *) = avcodec_parameters_copy;
            int (*apply)(AVCodecContext *, const AVCodecParameters *) = avcodec_parameters_to_context;
            int (*take)(AVCodecParameters *, const AVCodecContext *) = avcodec_parameters_from_context;
            AVPacket *(*packet)(void) = av_packet_alloc;
            void (*unpacket)(AVPacket **) = av_packet_free, (*unref2)(AVPacket *);
            unref2 = av_packet_unref;
            int (*payload)(AVPacket *, int) = av_new_packet;
            int (*output)(AVFormatContext **, const AVOutputFormat *, const char *, const char *) = avformat_alloc_output_context2;
            void (*unoutput)(AVFormatContext *) = avformat_free_context;
            int (*file)(AVIOContext **, const char *, int) = avio_open;
            int (*close)(AVIOContext **) = avio_closep;
            AVStream *(*stream)(AVFormatContext *, const AVCodec *) = avformat_new_stream;
            uint8_t *(*side)(AVStream *, enum AVPacketSideDataType, size_t) = av_stream_new_side_data;
            int (*header)(AVFormatContext *, AVDictionary **) = avformat_write_header;
            int (*write)(AVFormatContext *, AVPacket *) = av_interleaved_write_frame;
            int (*trailer)(AVFormatContext *) = av_write_trailer;
            AVFilterGraph *(*graph)(void) = avfilter_graph_alloc;
            void (*ungraph)(AVFilterGraph **) = avfilter_graph_free;
            int (*parse)(AVFilterGraph *, const char *, AVFilterInOut **, AVFilterInOut **, void *) = avfilter_graph_parse_ptr;
            int (*configure)(AVFilterGraph *, void *) = avfilter_graph_config;
            AVFilterContext *(*filter)(AVFilterGraph *, const char *) = avfilter_graph_get_filter;
            int (*add)(AVFilterContext *, AVFrame *, int) = av_buffersrc_add_frame_flags;
            int (*get)(AVFilterContext *, AVFrame *) = av_buffersink_get_frame;
            return !(v1 && v2 && v3 && v4 && info && level && describe && allocate && release && entry && next && forget && option && channels
                && frame && unframe && unref && ref && buffer && writable && find && context && uncontext && open && send && receive && send2
                && receive2 && flush && parameters && unparameters && copy && apply && take && packet && unpacket && unref2 && payload && output
                && unoutput && file && close && stream && side && header && write && trailer && graph && ungraph && parse && configure && filter
                && add && get && sizeof(enum AVPacketSideDataType) == 4 && sizeof(AVRational) == 8 && sizeof(enum AVCodecID) == 4);
        }
        """;

    [Fact]
    public void Layout_InstalledHeaders_HaveEveryValueTheBindingsRelyOn()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sfu-av-");
        try
        {
            string source = Path.Combine(folder.FullName, "layout.c"), program = Path.Combine(folder.FullName, "layout");
            File.WriteAllText(source, Program);
            Run("gcc", "-Wall", "-Werror", "-o", program, source, "-lavfilter", "-lavformat", "-lavcodec", "-lavutil");
            Dictionary<string, long> installed = Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => long.Parse(parts[1], CultureInfo.InvariantCulture));
            Dictionary<string, long> relied = typeof(AvLayout).GetFields()
                .ToDictionary(field => field.Name, field => Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture));

            Assert.Equal(installed.OrderBy(pair => pair.Key), relied.OrderBy(pair => pair.Key));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Versions_LoadedLibraries_AreThoseOfTheSonames()
    {
        Assert.Equal([57u, 59u, 59u, 8u], [LibAvUtil.Version() >> 16, LibAvCodec.Version() >> 16, LibAvFormat.Version() >> 16, LibAvFilter.Version() >> 16]);
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"{program} did not end");
        Assert.True(process.ExitCode == 0, $"{program}: {error.GetAwaiter().GetResult()}");
        return output;
    }
}
