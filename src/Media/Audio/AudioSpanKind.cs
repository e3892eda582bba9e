namespace Sfu.Media.Audio;

/// <summary>What a stretch of an audio stream is.</summary>
public enum AudioSpanKind
{
    /// <summary>A packet to decode.</summary>
    Media = 0,

    /// <summary>The sender sent nothing, because there was nothing to hear (discontinuous transmission) or it was muted: sequence numbers go
    /// on, time stamps jump.</summary>
    Silence,

    /// <summary>The sender sent nothing but a description of the background noise (RFC 3389), which is in <see cref="AudioSpan.Payload"/>.</summary>
    ComfortNoise,

    /// <summary>Packets are missing.</summary>
    Loss,

    /// <summary>A telephone event (RFC 4733): no part of the sound, its start and length may lie anywhere.</summary>
    TelephoneEvent,
}
