using System.Text.Json.Serialization;
using Sfu.Recordings;
using Sfu.Recordings.Derivations;

namespace Sfu.Rest;

/// <summary>A pause.</summary>
public sealed record PauseRecordingRequest
{
    /// <summary>Why.</summary>
    [JsonRequired]
    public required PauseReason Reason { get; init; }

    /// <summary>More about it, at most 256 characters.</summary>
    public string? Text { get; init; }

    /// <summary>Id or identity of the participant whose media is paused; absent = the whole room's.</summary>
    public string? Participant { get; init; }

    /// <summary>Ends by itself after so many milliseconds, at most 24 hours; absent = when somebody resumes.</summary>
    public long? ForMs { get; init; }
}

/// <summary>A participant's consent.</summary>
public sealed record ConsentRequest
{
    /// <summary>True: it agrees to be recorded. False: it refuses, or takes its consent back.</summary>
    [JsonRequired]
    public required bool Granted { get; init; }
}

/// <summary>What recording means for one participant.</summary>
public sealed record ParticipantPolicyRequest
{
    /// <summary>`off` = never recorded, `required` = the call must be recorded while it is there.</summary>
    [JsonRequired]
    public required RecordingPolicy Policy { get; init; }
}

/// <summary>Playable files to make.</summary>
public sealed record DerivationRequest
{
    /// <summary>What.</summary>
    [JsonRequired]
    public required DerivationKind Kind { get; init; }

    /// <summary>Number of the only track, as in the manifest; absent = all.</summary>
    public int? Track { get; init; }

    /// <summary>How a composite is arranged; `grid` when absent.</summary>
    public DerivationLayout? Layout { get; init; }

    /// <summary>The container; what suits the codec when absent.</summary>
    public DerivationFormat? Format { get; init; }
}

/// <summary>Playable files that were asked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Recording">Of which recording.</param>
/// <param name="Kind">What.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Progress">0 to 1.</param>
/// <param name="Error">Why it failed, for people; empty otherwise.</param>
/// <param name="Reason">Why it failed, for programs; null otherwise.</param>
/// <param name="Files">What was made; empty before it is ready.</param>
public sealed record DerivationResource(
    string Id, string Recording, DerivationKind Kind, DerivationState State, double Progress, string Error,
    DerivationFailure? Reason, IReadOnlyList<DerivedFileResource> Files)
{
    internal static DerivationResource From(Derivation derivation) => new(
        derivation.Id.ToString("D"), derivation.Recording.ToString("D"), derivation.Wish.Kind, derivation.State, derivation.Progress, derivation.Error,
        derivation.Reason,
        [.. derivation.Files.Select(file => new DerivedFileResource(
            file.Name, $"/v1/derivations/{derivation.Id:D}/files/{Uri.EscapeDataString(file.Name)}", file.Bytes, file.Sha256,
            file.Track == 0 ? null : file.Track, file.StartMs, file.DurationMs))]);
}

/// <summary>One playable file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Url">Where it is; takes range requests, needs the same token.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Of its content, lower-case hexadecimal.</param>
/// <param name="Track">Number of the track that it was made of; null = several.</param>
/// <param name="StartMs">Where its time 0 lies, milliseconds from the start of the recording.</param>
/// <param name="DurationMs">Its length in milliseconds.</param>
public sealed record DerivedFileResource(string Name, string Url, long Bytes, string Sha256, int? Track, double StartMs, double DurationMs);
