namespace Sfu.Recorder.Derivation;

/// <summary>Containers that tracks are written to without transcoding.</summary>
public enum ContainerFormat
{
    /// <summary>WebM: VP8, VP9, AV1, Opus.</summary>
    WebM,

    /// <summary>Matroska: any codec.</summary>
    Matroska,

    /// <summary>Fragmented MP4, 500 ms fragments: H.264, H.265, AV1, VP9, Opus.</summary>
    Mp4,

    /// <summary>Ogg: Opus alone.</summary>
    Ogg,
}
