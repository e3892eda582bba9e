using System.Runtime.InteropServices;

namespace Sfu.Router.Transport.Native;

/// <summary>Owns one zeroed, page-aligned block of native memory; frees it when disposed, not before the last user is done.</summary>
internal sealed unsafe class NativeBlock : SafeHandle
{
    private const int Alignment = 4096;

    /// <summary>Allocates <paramref name="length"/> bytes, more than 0.</summary>
    internal NativeBlock(int length)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        void* memory = NativeMemory.AlignedAlloc((nuint)length, Alignment);
        NativeMemory.Clear(memory, (nuint)length);
        SetHandle((nint)memory);
    }

    /// <summary>Size in bytes.</summary>
    internal int Length { get; }

    /// <summary>First byte; valid until disposal.</summary>
    internal byte* Pointer => (byte*)handle;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The bytes from <paramref name="offset"/> on; checked.</summary>
    internal Span<byte> Slice(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)offset, (uint)Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Length - offset));
        return new Span<byte>(Pointer + offset, length);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
