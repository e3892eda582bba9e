using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Prometheus;
using Sfu.Configuration;
using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Nodes.Workers;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>Real workers with real sockets on loopback.</summary>
public sealed class WorkerHostTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task TwoClients_OverUdp_ConnectAndAreToldGoodbyeWhenTheHostStops()
    {
        var options = new MediaOptions { Address = "127.0.0.1", UdpPort = 0, TcpPort = 0, Workers = 2 };
        var room = new FakeRoom();
        var metrics = new NodeMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        var fleet = new WorkerFleet();
        var node = new MediaNode(new NodeServices(fleet, room, metrics, Options.Create(new MediaOptions()), TimeProvider.System, NullLogger<MediaNode>.Instance));
        room.Node = node;
        using var host = new WorkerHost(Options.Create(options), Options.Create(new SignallingOptions()), fleet, node, metrics, TimeProvider.System, NullLogger<WorkerHost>.Instance);
        await host.StartAsync(CancellationToken.None);
        using var ann = new LiveClient(1, room, node);
        using var bo = new LiveClient(2, room, node);

        await Task.WhenAll(ann.ConnectAsync(), bo.ConnectAsync()).WaitAsync(Patience);
        Assert.True(ann.Session.IsConnected && bo.Session.IsConnected);
        await host.StopAsync(CancellationToken.None);

        await Task.WhenAll(ann.Closed, bo.Closed).WaitAsync(Patience);
        Assert.False(ann.Session.IsConnected);
    }

    [Fact]
    public async Task Start_PortTaken_SaysWhichAndLeavesNothingOpen()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var metrics = new NodeMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        var fleet = new WorkerFleet();
        var node = new MediaNode(new NodeServices(fleet, new FakeRoom(), metrics, Options.Create(new MediaOptions()), TimeProvider.System, NullLogger<MediaNode>.Instance));
        using var host = new WorkerHost(
            Options.Create(new MediaOptions { UdpPort = port, TcpPort = -1, Workers = 1 }), Options.Create(new SignallingOptions()), fleet, node,
            metrics, TimeProvider.System, NullLogger<WorkerHost>.Instance);

        IOException error = await Assert.ThrowsAsync<IOException>(() => host.StartAsync(CancellationToken.None));

        Assert.Contains(port.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Empty(fleet.Latest);
    }

    /// <summary>A client with a socket: ICE and DTLS for real, no media.</summary>
    private sealed class LiveClient : IDisposable
    {
        private readonly LiveTransport _transport = new();
        private readonly TestClient _client;
        private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LiveClient(int number, FakeRoom room, MediaNode node)
        {
            Participant self = room.Join($"live{number}");
            var sink = new RecordingSink();
            sink.Inside = () =>
            {
                if (sink.Media.Contains("connected")) _connected.TrySetResult();
            };
            Session = node.Open(FakeRoom.Key, room.Snapshot(), self, NodeFixture.Auto, sink);
            room.Follow(Session);
            _client = new TestClient(number, self, Session, sink);
            _client.Connection.Fingerprint = _transport.Certificate.Fingerprint.ToString();
            _client.Connection.Ice = _transport.Ice;
        }

        public IMediaSession Session { get; }

        /// <summary>The server said goodbye.</summary>
        public Task Closed => _transport.Closed;

        public async Task ConnectAsync()
        {
            _client.Connection.Add("audio", SdpDirection.SendOnly);
            await _client.OfferAsync();
            MediaSection section = _client.Answer!.MediaSections[0];
            string[] udp = section.Candidates.Select(c => c.Split(' ')).First(fields => fields[2] == "udp");
            Assert.Contains(section.Candidates, c => c.EndsWith("typ host tcptype passive", StringComparison.Ordinal));
            _transport.Run(
                IPEndPoint.Parse($"{udp[4]}:{udp[5]}"), new Media.Ice.IceCredentials(section.IceUfrag!, section.IcePassword!), section.Fingerprints);
            await _connected.Task;
            await _transport.Connected;
        }

        public void Dispose() => _transport.Dispose();
    }
}
