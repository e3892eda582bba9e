using System.Runtime.InteropServices;

namespace Sfu.Media.Native;

/// <summary>OpenSSL 3 EVP ciphers (libcrypto.so.3). Every call is short and never calls back.</summary>
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
    internal static partial int CipherInit(EvpCipherHandle context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(Library, EntryPoint = "EVP_CipherUpdate")]
    internal static partial int CipherUpdate(EvpCipherHandle context, byte* output, int* written, byte* input, int length);

    [LibraryImport(Library, EntryPoint = "EVP_CipherFinal_ex")]
    internal static partial int CipherFinal(EvpCipherHandle context, byte* output, int* written);

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_ctrl")]
    internal static partial int CipherControl(EvpCipherHandle context, int type, int argument, byte* pointer);
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
