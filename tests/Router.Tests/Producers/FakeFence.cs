using Sfu.Router.Rooms;

namespace Sfu.Router.Tests.Producers;

/// <summary>A fence that says what was drained.</summary>
internal sealed class FakeFence : IPayloadFence
{
    public long Epoch { get; private set; }

    public int Drains { get; private set; }

    /// <summary>Runs when everything queued is protected.</summary>
    public Action? Drained { get; set; }

    public void Drain()
    {
        Drains++;
        EndTurn();
    }

    public void EndTurn()
    {
        Drained?.Invoke();
        Epoch++;
    }
}
