namespace Sfu.Placement;

/// <summary>Which processes of the cluster live.</summary>
public interface ILiveNodes
{
    /// <summary>False when the process is known to be gone for good; its id never comes back.</summary>
    bool IsAlive(string nodeId);
}
