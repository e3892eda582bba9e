using Sfu.Media.Rtp;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>One track of a recording.</summary>
public sealed record SourceTrack
{
    /// <summary>Its number in the journal, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Id of the participant: tracks of one share a clock.</summary>
    public required string Participant { get; init; }

    /// <summary>The participant's identity.</summary>
    public required string Identity { get; init; }

    /// <summary>What to call the participant in pictures; the identity when nothing else is known.</summary>
    public string Name { get; init; } = "";

    /// <summary>True for pictures.</summary>
    public required bool IsVideo { get; init; }

    /// <summary><c>camera</c>, <c>microphone</c>, <c>screen</c>, ...</summary>
    public string Source { get; init; } = "";

    /// <summary>What its payload types are; those with an SSRC go before those without.</summary>
    public required IReadOnlyList<SourceFormat> Formats { get; init; }

    /// <summary>Simulcast encoding of its streams, by SSRC; a stream that is not in it is the only encoding.</summary>
    public IReadOnlyDictionary<uint, string> Encodings { get; init; } = new Dictionary<uint, string>();

    /// <summary>The negotiated header extensions.</summary>
    public HeaderExtensionMap Extensions { get; init; } = HeaderExtensionMap.Empty;

    /// <summary>The format of a packet, or null when it is not known.</summary>
    public SourceFormat? FormatOf(uint ssrc, byte payloadType)
    {
        SourceFormat? found = null;
        foreach (SourceFormat format in Formats)
        {
            if (format.PayloadType is { } type && type != payloadType || format.Ssrc is { } stream && stream != ssrc) continue;
            if (found is null || found.PayloadType is null && format.PayloadType is not null) found = format;
        }
        return found;
    }
}
