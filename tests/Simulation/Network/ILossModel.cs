namespace Sfu.Simulation.Network;

/// <summary>Decides which datagrams of one direction are lost.</summary>
internal interface ILossModel
{
    /// <summary>True when the next datagram is lost.</summary>
    bool Loses(Random random);
}

/// <summary>Every datagram is lost with the same probability, whatever happened to the others.</summary>
/// <param name="share">0 to 1.</param>
internal sealed class PlainLoss(double share) : ILossModel
{
    /// <inheritdoc/>
    public bool Loses(Random random) => random.NextDouble() < share;
}

/// <summary>Gilbert-Elliott: a good and a bad state, each with its own loss, changed with given probabilities per datagram.</summary>
/// <param name="toBad">Probability of going from good to bad.</param>
/// <param name="toGood">Probability of going from bad to good; its inverse is the mean length of a burst.</param>
/// <param name="lossWhenGood">0 to 1.</param>
/// <param name="lossWhenBad">0 to 1.</param>
internal sealed class BurstLoss(double toBad, double toGood, double lossWhenGood = 0, double lossWhenBad = 1) : ILossModel
{
    private bool _isBad;

    /// <inheritdoc/>
    public bool Loses(Random random)
    {
        if (random.NextDouble() < (_isBad ? toGood : toBad)) _isBad = !_isBad;
        return random.NextDouble() < (_isBad ? lossWhenBad : lossWhenGood);
    }
}
