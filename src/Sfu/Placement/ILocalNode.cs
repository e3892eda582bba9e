namespace Sfu.Placement;

/// <summary>This process as a member of the cluster.</summary>
public interface ILocalNode
{
    /// <summary>Names this process; a restart on the same machine gives another id. At most 64 characters.</summary>
    string Id { get; }

    /// <summary>The node takes no new calls: it is stopping or was told to drain.</summary>
    bool IsDraining { get; }
}
