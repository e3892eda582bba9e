using Prometheus;
using Sfu.Rooms;

namespace Sfu.Observability;

/// <summary>The control plane's metric families. Label values are closed sets; their children are made once.</summary>
public sealed class RoomMetrics
{
    private readonly Counter.Child[] _joins;
    private readonly Counter.Child[] _leaves;
    private readonly Counter.Child[] _limits;
    private readonly Counter.Child _storeErrors;
    private readonly Counter.Child _superseded;
    private readonly Gauge _rooms;
    private readonly Gauge _participants;

    /// <summary>Declares the families.</summary>
    /// <param name="metrics">Where: the process's registry, or one of a test.</param>
    public RoomMetrics(IMetricFactory metrics)
    {
        _joins = Children<JoinResult>(metrics.CreateCounter("sfu_joins_total", "Joins, those that their token did not allow counted too, by outcome.", ["outcome"]));
        _leaves = Children<LeaveReason>(metrics.CreateCounter("sfu_leaves_total", "Participants that left, by reason.", ["reason"]));
        _limits = Children<LimitKind>(metrics.CreateCounter("sfu_limit_hits_total", "Requests refused by a limit, by limit.", ["kind"]));
        _storeErrors = metrics.CreateCounter("sfu_store_errors_total", "Failed reads and writes, by store.", ["store"]).WithLabels("rooms");
        _superseded = metrics.CreateCounter(
            "sfu_epoch_refusals_total", "Commands and writes refused because another activation owns the room.", ["where"]).WithLabels("room_store");
        _rooms = metrics.CreateGauge("sfu_rooms", "Open rooms of this node.");
        _participants = metrics.CreateGauge("sfu_participants", "Participants of this node, the lobbies counted.");
    }

    /// <summary>A join was answered.</summary>
    public void Joined(JoinResult result) => _joins[(int)result].Inc();

    /// <summary>A participant left.</summary>
    public void Left(LeaveReason reason) => _leaves[(int)reason].Inc();

    /// <summary>A limit refused something.</summary>
    public void LimitHit(LimitKind kind) => _limits[(int)kind].Inc();

    /// <summary>A read or write failed.</summary>
    public void StoreFailed() => _storeErrors.Inc();

    /// <summary>A write was refused: another activation owns the room.</summary>
    public void Superseded() => _superseded.Inc();

    /// <summary>What is on this node now.</summary>
    public void SetLoad(int rooms, int participants)
    {
        _rooms.Set(rooms);
        _participants.Set(participants);
    }

    private static Counter.Child[] Children<T>(Counter family)
        where T : struct, Enum => LabelValues.Children<T, Counter.Child>(value => family.WithLabels(value));
}

/// <summary>How a join ended; the label values of <c>sfu_joins_total</c>.</summary>
public enum JoinResult
{
    /// <summary>In the room.</summary>
    Accepted,

    /// <summary>In the lobby.</summary>
    Waiting,

    /// <summary>No such room.</summary>
    NotFound,

    /// <summary>No token, or one that is not good.</summary>
    Unauthorized,

    /// <summary>Not allowed, by the token or by the room.</summary>
    Forbidden,

    /// <summary>A value is not valid, or not now.</summary>
    BadRequest,

    /// <summary>The room is full.</summary>
    RoomFull,

    /// <summary>The room is locked.</summary>
    RoomLocked,

    /// <summary>Another limit.</summary>
    Limit,

    /// <summary>The node drains.</summary>
    Draining,

    /// <summary>The store or the grain did not answer.</summary>
    TryAgain,

    /// <summary>The client gave up waiting.</summary>
    Cancelled,

    /// <summary>The room must be recorded and cannot be.</summary>
    RecordingUnavailable,
}

/// <summary>Which limit refused; the label values of <c>sfu_limit_hits_total</c> that the control plane uses.</summary>
public enum LimitKind
{
    /// <summary>Open rooms of the node.</summary>
    Rooms,

    /// <summary>Open rooms of a tenant.</summary>
    TenantRooms,

    /// <summary>Participants of a room.</summary>
    RoomParticipants,

    /// <summary>Participants of the node.</summary>
    NodeParticipants,

    /// <summary>A room's lobby.</summary>
    Lobby,

    /// <summary>Tracks of a participant.</summary>
    Tracks,

    /// <summary>Joins waiting for their turn.</summary>
    Joins,

    /// <summary>Resumes waiting for their turn.</summary>
    Resumes,

    /// <summary>Sockets of one address.</summary>
    Sockets,

    /// <summary>Messages of one socket per second.</summary>
    Messages,

    /// <summary>What may wait for one slow client.</summary>
    SlowClients,

    /// <summary>Bad tokens of one address.</summary>
    FailedTokens,
}
