using Sfu.Recordings.Derivations;

namespace Sfu.Recordings;

/// <summary>Playable files that are made of a recording; no evidence, can be made again.</summary>
public sealed record Derivation
{
    /// <summary>Id, a UUID version 7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Of which recording.</summary>
    public required Guid Recording { get; init; }

    /// <summary>The recording's tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>What is wanted.</summary>
    public required DerivationWish Wish { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Where it stands.</summary>
    public DerivationState State { get; init; }

    /// <summary>0 to 1.</summary>
    public double Progress { get; init; }

    /// <summary>What was made; empty before it is ready.</summary>
    public IReadOnlyList<DerivedFile> Files { get; init; } = [];

    /// <summary>Why it failed, one sentence; empty otherwise.</summary>
    public string Error { get; init; } = "";

    /// <summary>The kind of the failure; null otherwise.</summary>
    public DerivationFailure? Reason { get; init; }
}

/// <summary>What to make; names are those of the interface.</summary>
/// <param name="Kind">What.</param>
/// <param name="Track">The only track to make it of, by its number in the manifest; null = all.</param>
/// <param name="Layout">How a composite is arranged; null = grid.</param>
/// <param name="Format">The container; null = what suits the codec.</param>
public sealed record DerivationWish(DerivationKind Kind, int? Track, DerivationLayout? Layout, DerivationFormat? Format);

/// <summary>One file of a derivation.</summary>
/// <param name="Name">Its name in the derivation's folder, without any path.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of its content, lower-case hexadecimal.</param>
/// <param name="Track">Number of the track that it was made of; 0 = several.</param>
/// <param name="StartMs">Where its time 0 lies, milliseconds from the start of the recording.</param>
/// <param name="DurationMs">Its length in milliseconds.</param>
public sealed record DerivedFile(string Name, long Bytes, string Sha256, int Track = 0, double StartMs = 0, double DurationMs = 0);

/// <summary>What is derived.</summary>
public enum DerivationKind
{
    /// <summary>Each track as it was sent, without transcoding.</summary>
    Track,

    /// <summary>Sound only.</summary>
    Audio,

    /// <summary>The whole call in one picture.</summary>
    Composite,
}

/// <summary>How a composite is arranged.</summary>
public enum DerivationLayout
{
    /// <summary>Everybody, equally large.</summary>
    Grid,

    /// <summary>Who speaks is large.</summary>
    ActiveSpeaker,
}

/// <summary>A container.</summary>
public enum DerivationFormat
{
    /// <summary>WebM.</summary>
    Webm,

    /// <summary>Matroska.</summary>
    Mkv,

    /// <summary>MP4.</summary>
    Mp4,

    /// <summary>Opus in Ogg.</summary>
    Ogg,

    /// <summary>Uncompressed sound.</summary>
    Wav,
}

/// <summary>Where a derivation stands.</summary>
public enum DerivationState
{
    /// <summary>Others come first.</summary>
    Queued,

    /// <summary>It is being made.</summary>
    Running,

    /// <summary>Its files are there.</summary>
    Ready,

    /// <summary>It could not be made; ask again.</summary>
    Failed,
}
