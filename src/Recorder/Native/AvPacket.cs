using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>An AVPacket: coded bytes of one frame. Owned by whoever made it; used again and again.</summary>
internal sealed unsafe class AvPacket : SafeHandle
{
    /// <summary>Makes an empty one.</summary>
    public AvPacket() : base(0, ownsHandle: true)
    {
        AvLibrary.EnsureLoaded();
        SetHandle(AvException.CheckMemory(LibAvCodec.AllocatePacket(), "packet"));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The structure, for calls that take null too.</summary>
    internal nint Pointer => handle;

    /// <summary>Presentation time in the stream's time base.</summary>
    internal long Pts { get => AvStructure.Read<long>(handle, AvLayout.PacketPts); set => AvStructure.Write(handle, AvLayout.PacketPts, value); }

    /// <summary>Decoding time in the stream's time base.</summary>
    internal long Dts { get => AvStructure.Read<long>(handle, AvLayout.PacketDts); set => AvStructure.Write(handle, AvLayout.PacketDts, value); }

    /// <summary>Duration in the stream's time base, 0 when not known.</summary>
    internal long Duration { get => AvStructure.Read<long>(handle, AvLayout.PacketDuration); set => AvStructure.Write(handle, AvLayout.PacketDuration, value); }

    /// <summary>Index of the stream.</summary>
    internal int Stream { set => AvStructure.Write(handle, AvLayout.PacketStream, value); }

    /// <summary>Decoding may start with it.</summary>
    internal bool IsKey
    {
        get => (AvStructure.Read<int>(handle, AvLayout.PacketFlags) & AvLayout.PacketKey) != 0;
        set => AvStructure.Write(handle, AvLayout.PacketFlags, value ? AvLayout.PacketKey : 0);
    }

    /// <summary>The coded bytes, valid until the packet is filled or cleared.</summary>
    internal ReadOnlySpan<byte> Data => new((void*)AvStructure.Read<nint>(handle, AvLayout.PacketData), AvStructure.Read<int>(handle, AvLayout.PacketSize));

    /// <summary>Copies bytes into the packet; all else is reset.</summary>
    internal void Fill(ReadOnlySpan<byte> data)
    {
        Clear();
        AvException.Check(LibAvCodec.AllocatePayload(this, data.Length), "packet");
        data.CopyTo(new Span<byte>((void*)AvStructure.Read<nint>(handle, AvLayout.PacketData), data.Length));
    }

    /// <summary>Gives the bytes back and resets all fields.</summary>
    internal void Clear() => LibAvCodec.UnreferencePacket(this);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibAvCodec.FreePacket(ref handle);
        return true;
    }
}
