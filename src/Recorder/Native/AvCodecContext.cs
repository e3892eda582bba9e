using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>An AVCodecContext: one decoder or encoder. Owned by whoever made it; one thread at a time.</summary>
internal sealed class AvCodecContext : SafeHandle
{
    private readonly string _name;

    private AvCodecContext(string name, nint codec) : base(0, ownsHandle: true)
    {
        _name = name;
        SetHandle(AvException.CheckMemory(LibAvCodec.AllocateContext(codec), name));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Opens a decoder.</summary>
    /// <param name="name">FFmpeg's name of it.</param>
    /// <param name="parameters">What the container would say.</param>
    /// <param name="options">AVOptions by name.</param>
    internal static AvCodecContext OpenDecoder(string name, AvCodecParameters parameters, params ReadOnlySpan<(string Name, string Value)> options) =>
        Open(name, LibAvCodec.FindDecoder(name), parameters, options);

    /// <summary>Opens an encoder.</summary>
    /// <param name="name">FFmpeg's name of it.</param>
    /// <param name="parameters">Size and format, or rate, format and channels.</param>
    /// <param name="options">AVOptions by name; <c>time_base</c> must be among them.</param>
    internal static AvCodecContext OpenEncoder(string name, AvCodecParameters parameters, params ReadOnlySpan<(string Name, string Value)> options) =>
        Open(name, LibAvCodec.FindEncoder(name), parameters, options);

    /// <summary>Gives a decoder one packet; null tells it that no more come.</summary>
    /// <returns>False when the decoder cannot use it.</returns>
    internal bool Send(AvPacket? packet) => LibAvCodec.SendPacket(this, packet?.Pointer ?? 0) >= 0;

    /// <summary>Takes the next decoded frame.</summary>
    /// <returns>False when there is none now, or it could not be decoded.</returns>
    internal bool Receive(AvFrame frame) => LibAvCodec.ReceiveFrame(this, frame) >= 0;

    /// <summary>Gives an encoder one frame; null tells it that no more come.</summary>
    internal void Encode(AvFrame? frame) => AvException.Check(LibAvCodec.SendFrame(this, frame?.Pointer ?? 0), _name);

    /// <summary>Takes the next coded packet.</summary>
    /// <returns>False when there is none now, or no more come.</returns>
    internal bool Receive(AvPacket packet)
    {
        int result = LibAvCodec.ReceivePacket(this, packet);
        if (result is AvLayout.ErrorAgain or AvLayout.ErrorEndOfFile) return false;
        AvException.Check(result, _name);
        return true;
    }

    /// <summary>Forgets what a decoder holds: what comes next does not follow what came before.</summary>
    internal void Reset() => LibAvCodec.Flush(this);

    /// <summary>What a container must be told of an encoder's stream.</summary>
    internal AvCodecParameters ReadParameters()
    {
        var parameters = new AvCodecParameters();
        AvException.Check(LibAvCodec.ReadParameters(parameters, this), _name);
        return parameters;
    }

    private static AvCodecContext Open(string name, nint codec, AvCodecParameters parameters, ReadOnlySpan<(string Name, string Value)> options)
    {
        if (codec == 0) throw new AvException($"this FFmpeg has no {name}");
        var context = new AvCodecContext(name, codec);
        try
        {
            AvException.Check(LibAvCodec.ApplyParameters(context, parameters), name);
            foreach ((string option, string value) in options)
                AvException.Check(LibAvUtil.SetOption(context.handle, option, value, AvLayout.OptionSearchChildren), $"{name} {option}={value}");
            AvException.Check(LibAvCodec.Open(context, codec, 0), name);
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibAvCodec.FreeContext(ref handle);
        return true;
    }
}
