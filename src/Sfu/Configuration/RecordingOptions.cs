using Sfu.Recordings;

namespace Sfu.Configuration;

/// <summary>Recording: section <c>Sfu:Recording</c>.</summary>
public sealed class RecordingOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Recording";

    /// <summary><c>off</c>, <c>best_effort</c> or <c>required</c>. This version records nothing: it starts with <c>off</c> only, so that
    /// nobody believes a call is recorded that is not. Default <c>off</c>.</summary>
    public string Policy { get; set; } = "off";

    /// <summary>Whether participants of rooms that say nothing must agree before they are recorded: <c>none</c> or <c>first</c>. Default <c>none</c>.</summary>
    public string Consent { get; set; } = "none";

    /// <summary>Policy of rooms that say nothing.</summary>
    internal RecordingPolicy DefaultPolicy => Policy switch
    {
        "required" => RecordingPolicy.Required,
        "best_effort" => RecordingPolicy.BestEffort,
        _ => RecordingPolicy.Off,
    };

    /// <summary>Consent of rooms that say nothing.</summary>
    internal ConsentMode DefaultConsent => Consent == "first" ? ConsentMode.First : ConsentMode.None;
}
