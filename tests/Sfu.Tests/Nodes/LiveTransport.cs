using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Nodes.Sessions;
using Sfu.Nodes.Workers;

namespace Sfu.Tests.Nodes;

/// <summary>The client's side of one transport on a real UDP socket: checks, handshake, close_notify.</summary>
internal sealed class LiveTransport : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    public DtlsCertificate Certificate { get; } = ServerCertificate.Create(DateTimeOffset.UtcNow);

    public IceCredentials Ice { get; } = IceSecrets.New();

    /// <summary>Keys are there.</summary>
    public Task Connected => _connected.Task;

    /// <summary>The server sent close_notify.</summary>
    public Task Closed => _closed.Task;

    public void Run(IPEndPoint server, IceCredentials remote, IReadOnlyList<DtlsFingerprint> fingerprints)
    {
        _socket.Connect(server);
        _running = Task.Run(() => RunAsync(remote, fingerprints));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _running.Wait(TimeSpan.FromSeconds(5));
        _socket.Dispose();
        _stop.Dispose();
    }

    private static MediaTime Now => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    private async Task RunAsync(IceCredentials remote, IReadOnlyList<DtlsFingerprint> fingerprints)
    {
        using var context = new DtlsContext(Certificate, DtlsRole.Client, [SrtpProfile.AeadAes128Gcm]);
        using var dtls = new DtlsTransport(context, fingerprints);
        var ice = new IceControllingAgent(Ice, remote, random => RandomNumberGenerator.Fill(random.Span));
        bool isStarted = false;
        Task<UdpReceiveResult>? receiving = null;
        while (!_stop.IsCancellationRequested && !_closed.Task.IsCompleted)
        {
            if (ice.Connected && !isStarted)
            {
                isStarted = true;
                dtls.Start(Now);
            }

            SendDue(ice, dtls);
            receiving ??= _socket.ReceiveAsync(_stop.Token).AsTask();
            await Task.WhenAny(receiving, Task.Delay(20, _stop.Token));
            if (!receiving.IsCompletedSuccessfully) continue;
            Take(receiving.Result.Buffer, ice, dtls);
            receiving = null;
            if (dtls.State == DtlsState.Connected) _connected.TrySetResult();
            if (dtls.State == DtlsState.Closed) _closed.TrySetResult();
        }
    }

    private static void Take(byte[] datagram, IceControllingAgent ice, DtlsTransport dtls)
    {
        if (datagram[0] < 4) ice.OnStun(Now, datagram);
        else if (datagram[0] is >= 20 and <= 63) dtls.OnDatagram(Now, datagram);
    }

    private void SendDue(IceControllingAgent ice, DtlsTransport dtls)
    {
        Span<byte> buffer = stackalloc byte[1500];
        int length = ice.OnDeadline(Now, buffer);
        if (length > 0) _socket.Send(buffer[..length]);
        if (Now >= dtls.NextDeadline) dtls.OnDeadline(Now);
        while (dtls.TryTakeOutgoing(buffer, out length)) _socket.Send(buffer[..length]);
    }
}
