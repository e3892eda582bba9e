using System.Text;
using Sfu.Media;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Server;

/// <summary>Watches every datagram in and out of the server and knows, without asking it, what it may do (docs/threats.md, invariants).</summary>
/// <remarks>
/// I1: no media to a transport that has not connected. I2: media goes to the address that the last fresh valid check nominated, and
/// stops 30 s after that address proved itself. I3: not one byte to an address that never sent a fresh valid check.
/// </remarks>
internal sealed class ServerInvariants
{
    private static readonly TimeSpan Consent = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, (TransportId Transport, byte[] Password)> _credentials = [];
    private readonly Dictionary<string, TransportAddress> _transactions = [];
    private readonly Dictionary<TransportAddress, TransportId> _validated = [];
    private readonly Dictionary<TransportAddress, MediaTime> _lastProof = [];
    private readonly Dictionary<TransportId, TransportAddress> _nominated = [];
    private readonly HashSet<TransportId> _connected = [];

    /// <summary>Bytes the server received by source, and sent by destination.</summary>
    internal Dictionary<TransportAddress, (long In, long Out)> Traffic { get; } = [];

    /// <summary>When media was last sent to an address.</summary>
    internal Dictionary<TransportAddress, MediaTime> LastMedia { get; } = [];

    /// <summary>Tells of credentials that the control plane gave out.</summary>
    internal void AddCredentials(TransportId transport, IceCredentials local) =>
        _credentials[local.Ufrag] = (transport, Encoding.UTF8.GetBytes(local.Password));

    /// <summary>The server is about to take a datagram.</summary>
    internal void OnReceived(MediaTime now, Datagram datagram)
    {
        (long bytesIn, long bytesOut) = Traffic.GetValueOrDefault(datagram.From);
        Traffic[datagram.From] = (bytesIn + datagram.Bytes.Length, bytesOut);
        if (datagram.Kind == DatagramKind.Stun) OnStun(now, datagram);
        else if (!datagram.IsForged && datagram.Kind != DatagramKind.Unknown) _lastProof[datagram.From] = now;
    }

    /// <summary>The server sends a datagram.</summary>
    internal void OnSent(MediaTime now, in TransportAddress to, byte[] bytes)
    {
        (long bytesIn, long bytesOut) = Traffic.GetValueOrDefault(to);
        Traffic[to] = (bytesIn, bytesOut + bytes.Length);
        Assert.True(_validated.TryGetValue(to, out TransportId transport), $"I3: {bytes.Length} bytes to {to}, which never sent a valid check");
        if (Demultiplexer.Classify(bytes) is not (DatagramKind.Rtp or DatagramKind.Rtcp)) return;
        LastMedia[to] = now;
        Assert.True(_connected.Contains(transport), $"I1: media to {to} before the handshake ended");
        if (_nominated.TryGetValue(transport, out TransportAddress nominated))
            Assert.True(to == nominated, $"I2: media to {to}, but {nominated} was nominated last");
        Assert.True(now - _lastProof.GetValueOrDefault(to) <= Consent, $"I2: media to {to}, silent since {_lastProof.GetValueOrDefault(to)}");
    }

    /// <summary>The server reports something.</summary>
    internal void OnEvent(WorkerEvent happened)
    {
        if (happened is TransportConnected connected) Assert.True(_connected.Add(connected.Transport), "connected twice");
        if (happened is TransportClosed closed) _connected.Remove(closed.Transport);
        Assert.False(happened is RoomFailed or WorkerFailed, happened.ToString());
    }

    /// <summary>A check proves its source once: who sends it again from elsewhere has only listened.</summary>
    private void OnStun(MediaTime now, Datagram datagram)
    {
        if (StunMessage.TryParse(datagram.Bytes, out StunMessage message) != DropReason.None || message.Type != StunType.BindingRequest) return;
        if (!message.TryGetServerUfrag(out ReadOnlySpan<byte> ufrag)) return;
        if (!_credentials.TryGetValue(Encoding.UTF8.GetString(ufrag), out (TransportId Transport, byte[] Password) known)) return;
        if (!message.HasIntegrity(known.Password)) return;
        if (!_transactions.TryAdd(Convert.ToHexString(message.TransactionId), datagram.From)) return;
        _validated[datagram.From] = known.Transport;
        _lastProof[datagram.From] = now;
        if (message.HasUseCandidate) _nominated[known.Transport] = datagram.From;
    }
}
