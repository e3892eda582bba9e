namespace Sfu.Configuration;

/// <summary>Recording: section <c>Sfu:Recording</c>.</summary>
public sealed class RecordingOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Recording";

    /// <summary><c>off</c>, <c>best_effort</c> or <c>required</c>. This version records nothing: it starts with <c>off</c> only, so that
    /// nobody believes a call is recorded that is not. Default <c>off</c>.</summary>
    public string Policy { get; set; } = "off";
}
