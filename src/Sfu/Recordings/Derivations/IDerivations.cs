namespace Sfu.Recordings.Derivations;

/// <summary>Queues derivations and finds what they made. One is made at a time; a restart begins an unfinished one anew.</summary>
public interface IDerivations
{
    /// <summary>Why none is made now, one sentence for people; null while they are made.</summary>
    string? Refusal { get; }

    /// <summary>Queues one; null when too many wait.</summary>
    Task<Derivation?> AddAsync(RecordingState recording, DerivationWish wish);

    /// <summary>One derivation with its progress of now, or null.</summary>
    Task<Derivation?> FindAsync(Guid derivation);
}
