using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>An AVCodecParameters: what a container or codec is told about a stream. Owned by whoever made it.</summary>
internal sealed unsafe class AvCodecParameters : SafeHandle
{
    /// <summary>Makes an empty one.</summary>
    public AvCodecParameters() : base(0, ownsHandle: true)
    {
        AvLibrary.EnsureLoaded();
        SetHandle(AvException.CheckMemory(LibAvCodec.AllocateParameters(), "codec parameters"));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Parameters of a video stream.</summary>
    /// <param name="codec">One of the Codec constants of <see cref="AvLayout"/>.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="extradata">The codec's parameter sets or headers; may be empty.</param>
    /// <param name="tag">Four characters, first in the lowest byte; 0 for the container's choice.</param>
    internal static AvCodecParameters Video(int codec, int width, int height, ReadOnlySpan<byte> extradata, uint tag = 0)
    {
        var made = new AvCodecParameters();
        made.Write(AvLayout.ParametersType, AvLayout.TypeVideo);
        made.Write(AvLayout.ParametersCodec, codec);
        made.Write(AvLayout.ParametersTag, (int)tag);
        made.Write(AvLayout.ParametersFormat, AvLayout.PixelYuv420);
        made.Write(AvLayout.ParametersWidth, width);
        made.Write(AvLayout.ParametersHeight, height);
        made.SetExtradata(extradata);
        return made;
    }

    /// <summary>Parameters of an audio stream.</summary>
    /// <param name="codec">One of the Codec constants of <see cref="AvLayout"/>.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="channels">1 or 2.</param>
    /// <param name="extradata">The codec's header; may be empty.</param>
    /// <param name="format">Sample format, or -1 when the codec decides.</param>
    internal static AvCodecParameters Audio(int codec, int sampleRate, int channels, ReadOnlySpan<byte> extradata, int format = -1)
    {
        var made = new AvCodecParameters();
        made.Write(AvLayout.ParametersType, AvLayout.TypeAudio);
        made.Write(AvLayout.ParametersCodec, codec);
        made.Write(AvLayout.ParametersFormat, format);
        made.Write(AvLayout.ParametersSampleRate, sampleRate);
        LibAvUtil.DefaultChannels(made.handle + AvLayout.ParametersChannels, channels);
        made.SetExtradata(extradata);
        return made;
    }

    /// <summary>Samples per frame of an audio encoder that was opened; 0 when any number may be given.</summary>
    internal int FrameSize => AvStructure.Read<int>(handle, AvLayout.ParametersFrameSize);

    /// <summary>The codec's header, as an encoder made it.</summary>
    internal ReadOnlySpan<byte> Extradata =>
        new((void*)AvStructure.Read<nint>(handle, AvLayout.ParametersExtradata), AvStructure.Read<int>(handle, AvLayout.ParametersExtradataSize));

    private void Write(int offset, int value) => AvStructure.Write(handle, offset, value);

    private void SetExtradata(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        nint memory = AvException.CheckMemory(LibAvUtil.Allocate((nuint)(data.Length + AvLayout.PaddingSize)), "codec header");
        data.CopyTo(new Span<byte>((void*)memory, data.Length));
        AvStructure.Write(handle, AvLayout.ParametersExtradata, memory);
        AvStructure.Write(handle, AvLayout.ParametersExtradataSize, data.Length);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibAvCodec.FreeParameters(ref handle);
        return true;
    }
}
