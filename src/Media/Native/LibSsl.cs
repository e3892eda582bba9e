using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sfu.Media.Native;

/// <summary>OpenSSL 3 DTLS through memory BIOs (libssl.so.3, libcrypto.so.3).</summary>
internal static unsafe partial class LibSsl
{
    internal const int ErrorSsl = 1;
    internal const int ErrorWantRead = 2;
    internal const int ErrorSyscall = 5;
    internal const int Dtls12 = 0xFEFD;
    internal const int CtrlSetMtu = 17;
    internal const int CtrlSetSessionCacheMode = 44;
    internal const int CtrlSetMinProtocol = 123;
    internal const int CtrlSetMaxProtocol = 124;
    internal const int BioCtrlReset = 1;
    internal const int BioCtrlPending = 10;
    internal const int BioCtrlSetMemEofReturn = 130;
    internal const int VerifyPeerOrFail = 1 | 2;
    internal const int KeyTypeEc = 408; // EVP_PKEY_EC
    internal const ulong Options = 1UL << 12  // SSL_OP_NO_QUERY_MTU
        | 1UL << 14                           // SSL_OP_NO_TICKET
        | 1UL << 22                           // SSL_OP_CIPHER_SERVER_PREFERENCE
        | 1UL << 30;                          // SSL_OP_NO_RENEGOTIATION

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    /// <summary>Self-signed certificates are the rule: the fingerprint decides, after the handshake (RFC 8122).</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int AcceptCertificate(int preverified, nint store) => 1;

    /// <summary>OpenSSL's own timer is put off for an hour: flights are sent again on our deadline, in our time.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static uint OneHour(nint ssl, uint microseconds) => 3_600_000_000;

    [LibraryImport(Ssl, EntryPoint = "DTLS_method")]
    internal static partial nint DtlsMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    internal static partial nint ContextNew(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    internal static partial void ContextFree(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    internal static partial nint ContextControl(SslContextHandle context, int command, nint argument, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_options")]
    internal static partial ulong ContextSetOptions(SslContextHandle context, ulong options);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_cipher_list", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ContextSetCipherList(SslContextHandle context, string list);

    /// <returns>0 for success.</returns>
    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_tlsext_use_srtp", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ContextSetSrtp(SslContextHandle context, string profiles);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_certificate_ASN1")]
    internal static partial int ContextUseCertificate(SslContextHandle context, int length, byte* der);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_PrivateKey_ASN1")]
    internal static partial int ContextUsePrivateKey(int type, SslContextHandle context, byte* der, nint length);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_verify")]
    internal static partial void ContextSetVerify(SslContextHandle context, int mode, delegate* unmanaged[Cdecl]<int, nint, int> callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_new")]
    internal static partial nint New(SslContextHandle context);

    [LibraryImport(Ssl, EntryPoint = "SSL_free")]
    internal static partial void Free(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_bio")]
    internal static partial void SetBio(SslHandle ssl, nint input, nint output);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_accept_state")]
    internal static partial void SetAcceptState(SslHandle ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_connect_state")]
    internal static partial void SetConnectState(SslHandle ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_ctrl")]
    internal static partial nint Control(SslHandle ssl, int command, nint argument, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "DTLS_set_timer_cb")]
    internal static partial void SetTimerCallback(SslHandle ssl, delegate* unmanaged[Cdecl]<nint, uint, uint> callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_do_handshake")]
    internal static partial int DoHandshake(SslHandle ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_error")]
    internal static partial int GetError(SslHandle ssl, int result);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_selected_srtp_profile")]
    internal static partial SrtpProtectionProfile* GetSelectedSrtpProfile(SslHandle ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_export_keying_material")]
    internal static partial int ExportKeyingMaterial(SslHandle ssl, byte* output, nuint length, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    /// <returns>The session, which the connection goes on owning.</returns>
    [LibraryImport(Ssl, EntryPoint = "SSL_get_session")]
    internal static partial nint GetSession(SslHandle ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_SESSION_get_master_key")]
    internal static partial nuint GetMasterKey(nint session, byte* output, nuint length);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_client_random")]
    internal static partial nuint GetClientRandom(SslHandle ssl, byte* output, nuint length);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_server_random")]
    internal static partial nuint GetServerRandom(SslHandle ssl, byte* output, nuint length);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_current_cipher")]
    internal static partial nint GetCurrentCipher(SslHandle ssl);

    /// <returns>The cipher suite's number in the protocol.</returns>
    [LibraryImport(Ssl, EntryPoint = "SSL_CIPHER_get_protocol_id")]
    internal static partial ushort CipherProtocolId(nint cipher);

    [LibraryImport(Ssl, EntryPoint = "SSL_get1_peer_certificate")]
    internal static partial nint GetPeerCertificate(SslHandle ssl);

    [LibraryImport(Crypto, EntryPoint = "X509_free")]
    internal static partial void CertificateFree(nint certificate);

    [LibraryImport(Crypto, EntryPoint = "i2d_X509")]
    internal static partial int CertificateToDer(nint certificate, byte** output);

    [LibraryImport(Crypto, EntryPoint = "ERR_clear_error")]
    internal static partial void ClearErrors();

    [LibraryImport(Crypto, EntryPoint = "BIO_s_mem")]
    internal static partial nint BioMemory();

    [LibraryImport(Crypto, EntryPoint = "BIO_new")]
    internal static partial nint BioNew(nint method);

    [LibraryImport(Crypto, EntryPoint = "BIO_ctrl")]
    internal static partial nint BioControl(nint bio, int command, nint argument, nint pointer);

    [LibraryImport(Crypto, EntryPoint = "BIO_write")]
    internal static partial int BioWrite(nint bio, byte* data, int length);

    [LibraryImport(Crypto, EntryPoint = "BIO_read")]
    internal static partial int BioRead(nint bio, byte* data, int length);

    /// <summary>SRTP_PROTECTION_PROFILE of openssl/srtp.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SrtpProtectionProfile
    {
        internal nint Name;
        internal nuint Id;
    }
}

/// <summary>Owns one SSL_CTX.</summary>
internal sealed class SslContextHandle : SafeHandle
{
    public SslContextHandle() : base(0, ownsHandle: true) => SetHandle(LibSsl.ContextNew(LibSsl.DtlsMethod()));

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.ContextFree(handle);
        return true;
    }
}

/// <summary>Owns one SSL object and with it both memory BIOs.</summary>
internal sealed class SslHandle : SafeHandle
{
    public SslHandle(SslContextHandle context) : base(0, ownsHandle: true)
    {
        SetHandle(LibSsl.New(context));
        Input = LibSsl.BioNew(LibSsl.BioMemory());
        Output = LibSsl.BioNew(LibSsl.BioMemory());
        LibSsl.BioControl(Input, LibSsl.BioCtrlSetMemEofReturn, -1, 0);
        LibSsl.BioControl(Output, LibSsl.BioCtrlSetMemEofReturn, -1, 0);
        LibSsl.SetBio(this, Input, Output);
    }

    public nint Input { get; }

    public nint Output { get; }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.Free(handle);
        return true;
    }
}
