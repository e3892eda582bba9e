using Sfu.Recordings;

namespace Sfu.Configuration;

/// <summary>Recording: section <c>Sfu:Recording</c>.</summary>
public sealed class RecordingOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Recording";

    /// <summary>Recording of rooms that say nothing: <c>off</c>, <c>best_effort</c> or <c>required</c> (nothing is forwarded unrecorded).
    /// Default <c>off</c>.</summary>
    public string Policy { get; set; } = "off";

    /// <summary>Whether participants of rooms that say nothing must agree before they are recorded: <c>none</c> or <c>first</c>. Default <c>none</c>.</summary>
    public string Consent { get; set; } = "none";

    /// <summary>How long what was recorded may wait for the disk (fdatasync): what a power failure can cost. 250 ms to 5 s; default 1 s.</summary>
    public TimeSpan SyncInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of one file of the write-ahead log. They are taken from the disk when the file is begun, so a disk that runs full is noticed
    /// when the next one is. 256 KiB to 1 GiB; default 256 MiB.</summary>
    public long LogFileSize { get; set; } = 256L << 20;

    /// <summary>Address of an RFC 3161 time-stamp authority, http or https. Empty: an authority of the server itself, which proves no more than
    /// the server's own clock says. Default empty.</summary>
    public string TimeStampAuthority { get; set; } = "";

    /// <summary>File with the PEM certificates of that authority, root included; needed with it. Default empty.</summary>
    public string TimeStampCertificates { get; set; } = "";

    /// <summary>How long the making of a playable file may show no progress before it is given up. 1 s to 1 h; default 5 min.</summary>
    public TimeSpan DerivationPatience { get; set; } = TimeSpan.FromMinutes(5);

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
