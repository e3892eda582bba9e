using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sfu.Media.Native;

/// <summary>Owns the memory of an expanded key; zeroes it before freeing it.</summary>
internal sealed unsafe class IpsecMbKeyHandle : SafeHandle
{
    private readonly int _size;

    /// <summary>Takes so many bytes, all zero, aligned as the library wants keys.</summary>
    public IpsecMbKeyHandle(int size) : base(0, ownsHandle: true)
    {
        _size = size;
        void* memory = NativeMemory.AlignedAlloc((nuint)size, IpsecMbLayout.KeyAlignment);
        NativeMemory.Clear(memory, (nuint)size);
        SetHandle((nint)memory);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Its first byte; valid while this is not disposed.</summary>
    internal byte* Pointer => (byte*)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)handle, _size));
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
