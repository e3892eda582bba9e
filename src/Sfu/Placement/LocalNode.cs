using System.Security.Cryptography;

namespace Sfu.Placement;

/// <summary>This process, with an id of its own, alone in its cluster (<c>Sfu:Cluster:Mode=embedded</c>).</summary>
public sealed class LocalNode : ILocalNode, ILiveNodes
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private int _draining;

    /// <summary>Drains when the host begins to stop.</summary>
    public LocalNode(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(Drain);

    /// <inheritdoc/>
    public string Id { get; } = "N_" + RandomNumberGenerator.GetString(Alphabet, 16);

    /// <inheritdoc/>
    public bool IsDraining => Volatile.Read(ref _draining) != 0;

    /// <inheritdoc/>
    public bool IsAlive(string nodeId) => nodeId == Id;

    /// <summary>Takes no new calls from here on; cannot be undone.</summary>
    public void Drain() => Volatile.Write(ref _draining, 1);
}
