using System.Runtime.InteropServices;

namespace Sfu.Media.Native;

/// <summary>OpenSSL 3 EVP ciphers and digests (libcrypto.so.3). Every call is short and never calls back.</summary>
/// <remarks>Contexts go in as plain pointers: a SafeHandle argument costs 10 ns per call, five times per packet. Who calls owns the
/// handle and keeps it alive.</remarks>
internal static unsafe partial class LibCrypto
{
    internal const int CtrlGetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    internal const int CtrlSetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG

    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_new")]
    internal static partial nint CipherContextNew();

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_free")]
    internal static partial void CipherContextFree(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_aes_128_gcm")]
    internal static partial nint Aes128Gcm();

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_gcm")]
    internal static partial nint Aes256Gcm();

    [LibraryImport(Library, EntryPoint = "EVP_aes_128_ctr")]
    internal static partial nint Aes128Ctr();

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_ctr")]
    internal static partial nint Aes256Ctr();

    [LibraryImport(Library, EntryPoint = "EVP_CipherInit_ex")]
    internal static partial int CipherInit(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(Library, EntryPoint = "EVP_CipherUpdate")]
    internal static partial int CipherUpdate(nint context, byte* output, int* written, byte* input, int length);

    [LibraryImport(Library, EntryPoint = "EVP_CipherFinal_ex")]
    internal static partial int CipherFinal(nint context, byte* output, int* written);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_ctrl")]
    internal static partial int CipherControl(nint context, int type, int argument, byte* pointer);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    internal static partial nint DigestContextNew();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    internal static partial void DigestContextFree(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_sha1")]
    internal static partial nint Sha1();

    [LibraryImport(Library, EntryPoint = "EVP_DigestInit_ex")]
    internal static partial int DigestInit(nint context, nint digest, nint engine);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_copy_ex")]
    internal static partial int DigestContextCopy(nint to, nint from);

    [LibraryImport(Library, EntryPoint = "EVP_DigestUpdate")]
    internal static partial int DigestUpdate(nint context, byte* input, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_DigestFinal_ex")]
    internal static partial int DigestFinal(nint context, byte* output, uint* written);
}

/// <summary>Owns one EVP_CIPHER_CTX; freeing it clears the key schedule (OpenSSL cleanses on free).</summary>
internal sealed class EvpCipherHandle : SafeHandle
{
    public EvpCipherHandle() : base(0, ownsHandle: true) => SetHandle(LibCrypto.CipherContextNew());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.CipherContextFree(handle);
        return true;
    }
}

/// <summary>Owns one EVP_MD_CTX; freeing it clears the state (OpenSSL cleanses on free).</summary>
internal sealed class EvpDigestHandle : SafeHandle
{
    public EvpDigestHandle() : base(0, ownsHandle: true) => SetHandle(LibCrypto.DigestContextNew());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.DigestContextFree(handle);
        return true;
    }
}
