using Sfu.Media.Rtp;
using Sfu.Router.Consumers;

namespace Sfu.Router.Overload;

/// <summary>What a worker sheds now, as its rooms see it.</summary>
/// <remarks>Owned by one media worker; rooms read it.</remarks>
internal sealed class Shedding
{
    private const int ForwardedPerResentWhenLate = 16;

    /// <summary>What is shed.</summary>
    internal ShedStep Step { get; set; }

    /// <summary>Retransmissions of video that were not made although they would have been without shedding.</summary>
    internal long RepairsShed { get; private set; }

    /// <summary>Takes the bytes of a retransmission from a viewer's budget, at the price of the step.</summary>
    internal bool TryTakeRepair(RetransmissionBudget budget, MediaKind kind, int bytes)
    {
        if (Step == ShedStep.None || kind == MediaKind.Audio) return budget.TryTake(bytes);
        if (budget.TryTake(bytes, ForwardedPerResentWhenLate)) return true;
        if (budget.Holds(bytes)) RepairsShed++;
        return false;
    }
}
