using Prometheus;
using Sfu.Media.Rtp;
using Sfu.Rooms;

namespace Sfu.Observability;

/// <summary>How joins end and how long they take, and why participants leave. Safe on any thread; not for the packet path.</summary>
public sealed class JoinMetrics
{
    private static readonly double[] Seconds = [.05, .1, .25, .5, 1, 2.5, 5, 10, 30];

    private readonly Counter.Child[] _joins;
    private readonly Counter.Child[] _leaves;
    private readonly Histogram _duration;
    private readonly Histogram.Child[] _firstPacket;

    /// <summary>Declares the families.</summary>
    public JoinMetrics(IMetricFactory metrics)
    {
        Counter joins = metrics.CreateCounter("sfu_joins_total", "Requests to join a room, by outcome.", ["outcome"]);
        _joins = LabelValues.Children<JoinResult, Counter.Child>(value => joins.WithLabels(value));
        Counter leaves = metrics.CreateCounter("sfu_leaves_total", "Participants that left a room or its lobby on this node, by reason.", ["reason"]);
        _leaves = LabelValues.Children<LeaveReason, Counter.Child>(value => leaves.WithLabels(value));
        _duration = metrics.CreateHistogram(
            "sfu_join_duration_seconds", "Time from a participant's join request to its media connection (ICE and DTLS done).", new HistogramConfiguration { Buckets = Seconds });
        Histogram first = metrics.CreateHistogram(
            "sfu_first_frame_seconds", "Time from a participant's join request to the first media sent to it, by kind.", ["kind"], new HistogramConfiguration { Buckets = Seconds });
        _firstPacket = LabelValues.Children<MediaKind, Histogram.Child>(value => first.WithLabels(value));
    }

    /// <summary>Counts a join by what became of it.</summary>
    public void Count(JoinOutcome outcome) => Count(outcome switch
    {
        JoinAccepted => JoinResult.Joined,
        JoinWaiting => JoinResult.Waiting,
        JoinRefused refused => ResultOf(refused.Error.Code),
        _ => JoinResult.TryAgain,
    });

    /// <summary>Counts a join that ended before a room was asked.</summary>
    public void Count(JoinResult result) => _joins[(int)result].Inc();

    /// <summary>A participant's media connection stands.</summary>
    /// <param name="sinceRequest">Time since its join request arrived.</param>
    public void Connected(TimeSpan sinceRequest) => _duration.Observe(sinceRequest.TotalSeconds);

    /// <summary>The first media of a kind was sent to a participant.</summary>
    /// <param name="kind">Audio or video.</param>
    /// <param name="sinceRequest">Time since its join request arrived.</param>
    public void FirstMedia(MediaKind kind, TimeSpan sinceRequest) => _firstPacket[(int)kind].Observe(sinceRequest.TotalSeconds);

    /// <summary>A participant is gone.</summary>
    public void Left(LeaveReason reason) => _leaves[(int)reason].Inc();

    private static JoinResult ResultOf(RoomErrorCode code) => code switch
    {
        RoomErrorCode.NotFound => JoinResult.NotFound,
        RoomErrorCode.Forbidden => JoinResult.Forbidden,
        RoomErrorCode.RoomFull => JoinResult.RoomFull,
        RoomErrorCode.RoomLocked => JoinResult.RoomLocked,
        RoomErrorCode.Limit => JoinResult.Limit,
        RoomErrorCode.Draining => JoinResult.Draining,
        RoomErrorCode.TryAgain => JoinResult.TryAgain,
        _ => JoinResult.BadRequest,
    };
}

/// <summary>How a join ended: the label values of <c>sfu_joins_total</c>.</summary>
public enum JoinResult
{
    /// <summary>In the room.</summary>
    Joined,

    /// <summary>In the lobby.</summary>
    Waiting,

    /// <summary>The token was missing, wrong or over.</summary>
    Unauthorized,

    /// <summary>The token does not allow it.</summary>
    Forbidden,

    /// <summary>The request was not valid.</summary>
    BadRequest,

    /// <summary>There is no such room and the token may not create it.</summary>
    NotFound,

    /// <summary>The room has its most participants.</summary>
    RoomFull,

    /// <summary>The room is locked.</summary>
    RoomLocked,

    /// <summary>Another limit.</summary>
    Limit,

    /// <summary>This node takes no new calls.</summary>
    Draining,

    /// <summary>The store or the cluster did not answer.</summary>
    TryAgain,
}
