namespace Sfu.Recorder.Derivation;

/// <summary>What is to be made of a recording.</summary>
public sealed record DerivationRequest
{
    /// <summary>Id of the derivation: names its folder. Letters, digits, <c>-</c> and <c>_</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What to make.</summary>
    public required DerivationKind Kind { get; init; }

    /// <summary>The track, or null for all; not for composites.</summary>
    public int? Track { get; init; }

    /// <summary>Container of tracks, or null for the one that browsers play the codec from.</summary>
    public ContainerFormat? Format { get; init; }

    /// <summary>Put the sound of a participant's microphone into the files of its camera too.</summary>
    public bool WithSound { get; init; }

    /// <summary>Layout of a composite.</summary>
    public CompositeLayout Layout { get; init; }

    /// <summary>Size of a composite.</summary>
    public CompositeOptions Composite { get; init; } = new();
}
