using Sfu.Media.Sdp;
using Sfu.Nodes.Sessions;
using Sfu.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Nodes;

/// <summary>The same as <see cref="RandomSessionTests"/> in miniature, but with everybody at once on threads of their own.</summary>
public sealed class ConcurrencyTests
{
    private const int Clients = 6;
    private const int Rounds = 60;
    private readonly NodeFixture _node = new(workers: 2);

    [Fact]
    public async Task Sessions_OnManyThreads_EndInAgreementWithTheWorkers()
    {
        var clients = new List<TestClient>();
        for (int i = 0; i < Clients; i++) clients.Add(_node.Join($"user{i}"));
        using var stop = new CancellationTokenSource();
        Task world = Task.Run(() => DisturbAsync(clients, stop.Token));

        await Task.WhenAll(clients.Select((client, i) => Task.Run(() => LiveAsync(client, new Random(i)))));
        await stop.CancelAsync();
        await world;
        foreach (FakeWorker worker in _node.Workers) worker.IsFull = false;
        for (int round = 0; round < 6; round++)
        {
            _node.Gather();
            foreach (TestClient client in clients) await FollowAsync(client);
        }

        Assert.All(_node.Workers, worker => Assert.Empty(worker.Stale));
        foreach (TestClient client in clients)
        {
            IEnumerable<TrackId> others = _node.Room.Tracks.Where(t => t.Participant != client.Id).Select(t => t.Id);
            Assert.Equal(others.OrderBy(t => t.Value), client.Received.OrderBy(t => t.Value));
        }

        SessionSection[] sections = [.. clients.SelectMany(c => ((MediaSession)c.Session).Transport!.Sections)];
        Assert.Equal(sections.Count(s => s.Published is not null), _node.Workers.Sum(w => w.Producers.Count));
        Assert.Equal(sections.Count(s => s.Consumer is not null), _node.Workers.Sum(w => w.Consumers.Count));
    }

    private static async Task LiveAsync(TestClient client, Random random)
    {
        for (int i = 0; i < Rounds; i++)
        {
            ModelTransceiver[] sending = [.. client.Connection.Transceivers.Where(t => t is { IsStopped: false, Direction: SdpDirection.SendOnly })];
            if (sending.Length < 4) client.Connection.Add(random.Next(2) == 0 ? "audio" : "video", SdpDirection.SendOnly);
            else if (random.Next(2) == 0) sending[random.Next(sending.Length)].IsStopped = true;
            await FollowAsync(client);
            if (random.Next(5) == 0) client.Session.Replay();
        }
    }

    private static async Task FollowAsync(TestClient client)
    {
        lock (client.Sink.Negotiations)
        {
            foreach ((int audio, int video, _) in client.Sink.Negotiations)
            {
                for (int i = 0; i < audio; i++) client.Connection.Add("audio", SdpDirection.RecvOnly);
                for (int i = 0; i < video; i++) client.Connection.Add("video", SdpDirection.RecvOnly);
            }

            client.Sink.Negotiations.Clear();
        }

        await client.OfferAsync();
    }

    /// <summary>Time passes, mailboxes fill up, workers report, tracks are muted.</summary>
    private async Task DisturbAsync(List<TestClient> clients, CancellationToken stop)
    {
        var random = new Random(99);
        while (!stop.IsCancellationRequested)
        {
            FakeWorker worker = _node.Workers[random.Next(2)];
            worker.IsFull = true;
            _node.Time.Advance(TimeSpan.FromMilliseconds(random.Next(30)));
            await Task.Yield();
            worker.IsFull = false;
            _node.Time.Advance(TimeSpan.FromMilliseconds(random.Next(30)));
            if (((MediaSession)clients[random.Next(clients.Count)].Session).Transport is { } transport)
                _node.Report(new RoomSummary(transport.Room, [new TransportSummary(transport.Id, TimeSpan.Zero, 0, 0, TimeSpan.Zero, 0, 0)]), transport.Port.Index);
            _node.Report(new ConsumerLayerChanged(new ConsumerId(random.Next(500)), null, 0, false, ConsumerLayerReason.Preference));
        }
    }
}
