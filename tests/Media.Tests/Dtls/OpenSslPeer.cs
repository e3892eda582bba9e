using System.Runtime.InteropServices;
using Sfu.Media.Dtls;
using Sfu.Media.Native;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Dtls;

/// <summary>The other side of a connection as OpenSSL does it from beginning to end: what it takes for an alert is one.</summary>
internal sealed unsafe partial class OpenSslPeer : IDisposable
{
    private const int ZeroReturn = 6;

    private readonly DtlsContext _context;
    private readonly SslHandle _ssl;

    /// <summary>Makes a peer that knows some cipher suites.</summary>
    internal OpenSslPeer(DtlsCertificate certificate, DtlsRole role, SrtpProfile profile, string cipherSuites)
    {
        _context = new DtlsContext(certificate, role, [profile], cipherSuites);
        _ssl = new SslHandle(_context.Handle);
        LibSsl.Control(_ssl, LibSsl.CtrlSetMtu, 1200, 0);
        LibSsl.SetTimerCallback(_ssl, &LibSsl.OneHour);
        if (role == DtlsRole.Server) LibSsl.SetAcceptState(_ssl);
        else LibSsl.SetConnectState(_ssl);
    }

    /// <summary>The handshake has ended.</summary>
    internal bool IsConnected { get; private set; }

    /// <summary>It was told that the connection ends in order.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Goes on with the handshake; afterwards reads.</summary>
    internal void Step()
    {
        LibSsl.ClearErrors();
        if (!IsConnected)
        {
            IsConnected = LibSsl.DoHandshake(_ssl) == 1;
            return;
        }

        byte* buffer = stackalloc byte[2048];
        int read = Read(_ssl, buffer, 2048);
        IsClosed |= read <= 0 && LibSsl.GetError(_ssl, read) == ZeroReturn;
    }

    /// <summary>Takes one record.</summary>
    internal void OnRecord(ReadOnlySpan<byte> record)
    {
        fixed (byte* bytes = record) Assert.Equal(record.Length, LibSsl.BioWrite(_ssl.Input, bytes, record.Length));
        Step();
    }

    /// <summary>Says that the connection ends.</summary>
    internal void Close()
    {
        LibSsl.ClearErrors();
        Shutdown(_ssl);
    }

    /// <summary>What it has to send: whole records.</summary>
    internal byte[] Take()
    {
        var bytes = new byte[16_384];
        fixed (byte* start = bytes)
        {
            int length = LibSsl.BioRead(_ssl.Output, start, bytes.Length);
            return length <= 0 ? [] : bytes[..length];
        }
    }

    public void Dispose()
    {
        _ssl.Dispose();
        _context.Dispose();
    }

    [LibraryImport("libssl.so.3", EntryPoint = "SSL_read")]
    private static partial int Read(SslHandle ssl, byte* buffer, int length);

    [LibraryImport("libssl.so.3", EntryPoint = "SSL_shutdown")]
    private static partial int Shutdown(SslHandle ssl);
}
