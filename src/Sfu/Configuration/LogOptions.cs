namespace Sfu.Configuration;

/// <summary>Logs on standard output: section <c>Sfu:Log</c>.</summary>
public sealed class LogOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Log";

    /// <summary><c>text</c>, <c>json</c>, or <c>auto</c>: text for a development server, else JSON. Default <c>auto</c>.</summary>
    public LogFormat Format { get; set; } = LogFormat.Auto;

    /// <summary>Least level written: <c>trace</c>, <c>debug</c>, <c>information</c>, <c>warning</c>, <c>error</c>, <c>critical</c>. Default <c>information</c>.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;
}

/// <summary>How a log line looks.</summary>
public enum LogFormat
{
    /// <summary>Text for a development server, else JSON.</summary>
    Auto,

    /// <summary>One line of text for people.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}
