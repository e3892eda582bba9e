using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>An AVFrame: one decoded picture or block of samples. Owned by whoever made it; used again and again.</summary>
internal sealed unsafe class AvFrame : SafeHandle
{
    /// <summary>Makes an empty one.</summary>
    public AvFrame() : base(0, ownsHandle: true)
    {
        AvLibrary.EnsureLoaded();
        SetHandle(AvException.CheckMemory(LibAvUtil.AllocateFrame(), "frame"));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The structure, for calls that take null too.</summary>
    internal nint Pointer => handle;

    /// <summary>Width in pixels; 0 for sound.</summary>
    internal int Width => AvStructure.Read<int>(handle, AvLayout.FrameWidth);

    /// <summary>Height in pixels; 0 for sound.</summary>
    internal int Height => AvStructure.Read<int>(handle, AvLayout.FrameHeight);

    /// <summary>Pixel or sample format.</summary>
    internal int Format => AvStructure.Read<int>(handle, AvLayout.FrameFormat);

    /// <summary>Samples per channel; 0 for pictures.</summary>
    internal int Samples => AvStructure.Read<int>(handle, AvLayout.FrameSamples);

    /// <summary>Samples per second.</summary>
    internal int SampleRate => AvStructure.Read<int>(handle, AvLayout.FrameSampleRate);

    /// <summary>Channels of sound.</summary>
    internal int Channels => AvStructure.Read<int>(handle, AvLayout.FrameChannels + AvLayout.ChannelCount);

    /// <summary>Presentation time in the time base of whoever made the frame.</summary>
    internal long Pts { get => AvStructure.Read<long>(handle, AvLayout.FramePts); set => AvStructure.Write(handle, AvLayout.FramePts, value); }

    /// <summary>Asks an encoder for a key frame here (1), or leaves it to it (0).</summary>
    internal int PictureType { set => AvStructure.Write(handle, AvLayout.FramePictureType, value); }

    /// <summary>Start of a plane of a picture or of a channel.</summary>
    internal byte* Plane(int index) => AvStructure.Read<nint>(AvStructure.Read<nint>(handle, AvLayout.FrameExtendedData), index * sizeof(nint)) is var at ? (byte*)at : null;

    /// <summary>Bytes from one row of a plane to the next.</summary>
    internal int Stride(int plane) => AvStructure.Read<int>(handle, AvLayout.FrameLineSizes + plane * sizeof(int));

    /// <summary>Makes room for a picture.</summary>
    internal void AllocatePicture(int width, int height, int format)
    {
        Clear();
        AvStructure.Write(handle, AvLayout.FrameWidth, width);
        AvStructure.Write(handle, AvLayout.FrameHeight, height);
        AvStructure.Write(handle, AvLayout.FrameFormat, format);
        AvException.Check(LibAvUtil.AllocateBuffers(this, 0), "picture");
    }

    /// <summary>Makes room for samples.</summary>
    internal void AllocateSamples(int samples, int channels, int sampleRate, int format)
    {
        Clear();
        AvStructure.Write(handle, AvLayout.FrameSamples, samples);
        AvStructure.Write(handle, AvLayout.FrameSampleRate, sampleRate);
        AvStructure.Write(handle, AvLayout.FrameFormat, format);
        LibAvUtil.DefaultChannels(handle + AvLayout.FrameChannels, channels);
        AvException.Check(LibAvUtil.AllocateBuffers(this, 0), "samples");
    }

    /// <summary>Gives the content back and resets all fields.</summary>
    internal void Clear() => LibAvUtil.UnreferenceFrame(this);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibAvUtil.FreeFrame(ref handle);
        return true;
    }
}
