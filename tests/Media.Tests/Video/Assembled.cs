using Sfu.Media.Codecs;
using Sfu.Media.Time;
using Sfu.Media.Video;

namespace Sfu.Media.Tests.Video;

/// <summary>A frame that came out of an assembler, copied.</summary>
internal sealed record Assembled(VideoFrameInfo Info, byte[] Data, IReadOnlyList<FrameUnit> Units)
{
    /// <summary>Gives packets to an assembler, 10 ms apart, then the end of the stream; gives all frames that come out.</summary>
    public static List<Assembled> Run(FrameAssembler assembler, IEnumerable<VideoPacket> packets)
    {
        var frames = new List<Assembled>();
        long milliseconds = 1000;
        foreach (VideoPacket packet in packets)
        {
            assembler.Add(packet.Sequence, packet.Header, packet.Bytes, MediaTime.FromMilliseconds(milliseconds += 10));
            Take(assembler, frames);
        }

        assembler.Flush();
        Take(assembler, frames);
        return frames;
    }

    /// <summary>Takes all frames that are ready.</summary>
    public static void Take(FrameAssembler assembler, List<Assembled> frames)
    {
        while (assembler.TryTake(out VideoFrame frame)) frames.Add(new Assembled(frame.Info, frame.Data.ToArray(), frame.Units.ToArray()));
    }

    /// <summary>What a frame of a recording should come out as.</summary>
    public static byte[] Expected(MediaCodec codec, byte[] source) =>
        codec == MediaCodec.Av1 && source is [0x12, 0x00, .. byte[] rest] ? rest : source;   // without its temporal delimiter
}
