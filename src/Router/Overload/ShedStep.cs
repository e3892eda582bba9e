namespace Sfu.Router.Overload;

/// <summary>What a worker that is late does not send, each step with all those before it. Sound and signalling (STUN, DTLS, RTCP) are in no
/// step; nor is anything that comes in, so recordings stay whole.</summary>
public enum ShedStep
{
    /// <summary>Everything is sent.</summary>
    None = 0,

    /// <summary>Video is sent again only up to a sixteenth of what was forwarded, instead of a quarter.</summary>
    Repairs,

    /// <summary>The highest temporal layer of every video is left out.</summary>
    TopTemporalLayer,

    /// <summary>All temporal layers above the base are left out.</summary>
    TemporalLayers,

    /// <summary>The largest simulcast encoding is left out.</summary>
    TopEncoding,

    /// <summary>All simulcast encodings but the smallest are left out.</summary>
    Encodings,

    /// <summary>Cameras are off, but for the one of who speaks.</summary>
    Cameras,

    /// <summary>All cameras are off.</summary>
    AllCameras,

    /// <summary>All video is off, shared screens too.</summary>
    AllVideo,
}
