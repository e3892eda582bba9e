using Sfu.Rooms;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes;

/// <summary>Judges the connections of a room's participants every 3 s from what the worker measured each second.</summary>
/// <remarks>
/// <c>excellent</c>: loss below 2 % and round trip below 150 ms; <c>good</c>: below 5 % and 300 ms; else <c>poor</c>; <c>lost</c>: the
/// transport ended and no new one is connected. Loss is the worse direction's mean. 2 % is what NACK hides without delay that is seen, from 5 % on
/// freezes are likely; 150 and 300 ms of round trip (75 and 150 ms one way) keep a conversation under the limits of ITU-T G.114.
/// </remarks>
internal sealed class QualityBoard
{
    private const int Seconds = 3;
    private const double ExcellentLoss = 0.02;
    private const double GoodLoss = 0.05;
    private static readonly TimeSpan ExcellentRoundTrip = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan GoodRoundTrip = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<ParticipantId, Sum> _sums = [];
    private int _seconds;

    /// <summary>Adds one second of one participant.</summary>
    internal void Add(ParticipantId participant, in TransportSummary second)
    {
        Sum sum = _sums.GetValueOrDefault(participant);
        _sums[participant] = new Sum(
            sum.Count + 1, sum.LossUp + second.LossUp, sum.LossDown + second.LossDown,
            second.RoundTrip, second.JitterUp > sum.Jitter ? second.JitterUp : sum.Jitter);
    }

    /// <summary>Counts a second; true when it is time to judge.</summary>
    internal bool EndSecond() => ++_seconds >= Seconds;

    /// <summary>The judgement on one participant.</summary>
    internal ParticipantQuality Judge(ParticipantId participant, bool isConnected)
    {
        if (!isConnected) return new ParticipantQuality(participant, "lost", TimeSpan.Zero, 0, 0, TimeSpan.Zero);
        Sum sum = _sums.GetValueOrDefault(participant);
        int count = Math.Max(1, sum.Count);
        double up = sum.LossUp / count, down = sum.LossDown / count;
        return new ParticipantQuality(participant, Word(Math.Max(up, down), sum.RoundTrip), sum.RoundTrip, up, down, sum.Jitter);
    }

    /// <summary>Begins anew.</summary>
    internal void Clear()
    {
        _sums.Clear();
        _seconds = 0;
    }

    private static string Word(double loss, TimeSpan roundTrip) =>
        loss < ExcellentLoss && roundTrip < ExcellentRoundTrip ? "excellent"
        : loss < GoodLoss && roundTrip < GoodRoundTrip ? "good"
        : "poor";

    private readonly record struct Sum(int Count, double LossUp, double LossDown, TimeSpan RoundTrip, TimeSpan Jitter);
}
