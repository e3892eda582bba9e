using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Configuration;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Rooms;
using Sfu.Security;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;
using Sfu.Signalling.Sockets;
using Sfu.Tests.Recordings;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>Signalling with everything around it faked and virtual time; work runs in the caller, so that a test sees its effects at once.</summary>
internal sealed class World : IRoomAdmission, ILocalNode, ITokenValidator
{
    public static readonly RoomKey SalesKey = new("acme", "sales");

    private readonly ConcurrentDictionary<RoomKey, FakeRoom> _rooms = new();

    public World(Action<IThreadPoolWorkItem>? run = null, TimeProvider? time = null)
    {
        Time = time ?? Clock;
        Hub = new FakeHub(Room);
        MetricFactory metrics = Metrics.WithCustomRegistry(Registry);
        IOptions<SignallingOptions> options = Microsoft.Extensions.Options.Options.Create(Options);
        Services = new SessionServices(
            Room, Hub, Media, new SessionRegistry(), new IceServerSource(options, Time), new JoinMetrics(metrics), new RoomMetrics(metrics),
            this, Recordings, Recorder, options, Microsoft.Extensions.Options.Options.Create(new RoomOptions()), Time, Log,
            run ?? (item => item.Execute()));
        Limits = new AddressLimits(options, Time, Services.Metrics);
        Joins = new JoinHandler(Services, this, this, Limits);
    }

    public KeeperRecordings Recordings { get; } = new();

    public FakeRecorder Recorder { get; } = new(TimeProvider.System);

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_000));

    public TimeProvider Time { get; }

    public SignallingOptions Options { get; } = new();

    public FakeLogger<Session> Log { get; } = new();

    public FakeHub Hub { get; }

    public FakeMedia Media { get; } = new();

    public SessionServices Services { get; }

    public JoinHandler Joins { get; }

    /// <summary>Sessions that joins gave to their sockets, and what each socket had been sent by then.</summary>
    public List<(Session Session, int Sent)> Attached { get; } = [];

    public AddressLimits Limits { get; }

    public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    public JoinReply? LastReply { get; private set; }

    public FakeRoom Sales => Room(SalesKey);

    /// <summary>What the next joins are answered, whatever the room says.</summary>
    public JoinOutcome? JoinOverride { get; set; }

    public System.Net.IPAddress Address { get; set; } = System.Net.IPAddress.Parse("192.0.2.1");

    public string Id { get; set; } = "node-1";

    public bool IsDraining { get; set; }

    public FakeRoom Room(RoomKey key) => _rooms.GetOrAdd(key, added => new FakeRoom(added, Time));

    public FakeSocket NewSocket() => new(Time);

    /// <summary>Joins with a token of <see cref="ValidateAsync"/> and takes the <c>joined</c> off the socket.</summary>
    public Client Join(string token, string extra = "")
    {
        Client client = TryJoin(token, extra);
        client.Joined = client.Socket.Next("joined");
        return client;
    }

    /// <summary>Joins and leaves the answer on the socket.</summary>
    public Client TryJoin(string token, string extra = "")
    {
        FakeSocket socket = NewSocket();
        JoinReply reply = Ask(socket, $$"""{"type":"join","id":1,"v":1,"client":{"name":"test"},"token":"{{token}}"{{extra}}}""");
        if (reply.Error is { } error) socket.Close(reply.CloseCode, ServerMessageContext.Write(error));
        return new Client(this, socket, reply.Session);
    }

    /// <summary>Sends a <c>join</c>.</summary>
    public JoinReply Ask(IClientSocket socket, string join)
    {
        ReadResult read = ClientMessageReader.Read(Encoding.UTF8.GetBytes(join));
        Assert.True(read.Message is JoinMessage, $"{read.Problem}");
        Task<JoinReply> reply = Joins.HandleAsync(
            socket, (JoinMessage)read.Message!, new Caller(null, Address), session => Attached.Add((session, (socket as FakeSocket)?.Pending ?? 0)), CancellationToken.None);
        return LastReply = reply.GetAwaiter().GetResult();
    }

    /// <summary>Number and sum in seconds of the measured joins.</summary>
    public (int Count, double Sum) JoinDurations()
    {
        Dictionary<string, double> values = Scrape("sfu_join_duration_seconds_");
        return ((int)values["sfu_join_duration_seconds_count"], Math.Round(values["sfu_join_duration_seconds_sum"], 3));
    }

    /// <summary>Outcomes of joins that were counted outside of the admission, which is faked here, by name.</summary>
    public IEnumerable<(string Outcome, int Count)> JoinOutcomes() =>
        JoinSeries().Where(series => series.Value > 0).Select(series => (series.Key.Split('"')[1], (int)series.Value)).Order();

    /// <summary>All series of <c>sfu_joins_total</c>.</summary>
    public Dictionary<string, double> JoinSeries() => Scrape("sfu_joins_total{");

    /// <summary>Values of the series that begin so.</summary>
    public Dictionary<string, double> Scrape(string prefix)
    {
        using var stream = new MemoryStream();
        Registry.CollectAndExportAsTextAsync(stream).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n').Where(line => line.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(line => line.Split(' ')[0], line => double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async Task<JoinOutcome> JoinAsync(RoomKey room, JoinRequest request, CancellationToken cancellation = default) =>
        JoinOverride ?? await Room(room).JoinAsync(request);

    /// <summary>What the next resumes are answered, whatever the room says.</summary>
    public ResumeOutcome? ResumeOverride { get; set; }

    /// <summary>Whether the last resume was one of a session that lives here.</summary>
    public bool? WasKnown { get; private set; }

    public async Task<ResumeOutcome> ResumeAsync(RoomKey room, ResumeRequest request, bool isKnown, CancellationToken cancellation = default)
    {
        WasKnown = isKnown;
        return ResumeOverride ?? await Room(room).ResumeAsync(request);
    }

    /// <summary>Tokens are <c>identity[+grant..]</c>: admin, hidden, viewer, nodata, nojoin, create, room=x.</summary>
    public Task<TokenOutcome> ValidateAsync(string? token)
    {
        if (string.IsNullOrEmpty(token) || token.StartsWith("bad", StringComparison.Ordinal))
            return Task.FromResult(new TokenOutcome(null, "The token is not good."));
        string[] parts = token.Split('+');
        string room = parts.FirstOrDefault(part => part.StartsWith("room=", StringComparison.Ordinal))?[5..] ?? "sales";
        return Task.FromResult(new TokenOutcome(new AccessToken
        {
            ApiKey = "key",
            Tenant = "acme",
            Identity = parts[0],
            Name = parts.Contains("unnamed") ? "" : parts[0].ToUpperInvariant(),
            ExpiresAt = Time.GetUtcNow() + TimeSpan.FromMinutes(10),
            Grants = new VideoGrants
            {
                Room = room,
                RoomJoin = !parts.Contains("nojoin"),
                RoomCreate = parts.Contains("create"),
                RoomAdmin = parts.Contains("admin"),
                RoomRecord = parts.Contains("record"),
                CanPublish = !parts.Contains("viewer"),
                CanSubscribe = !parts.Contains("nosub"),
                CanPublishData = !parts.Contains("nodata"),
                Hidden = parts.Contains("hidden"),
            },
        }, null));
    }
}
