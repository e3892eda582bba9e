namespace Sfu.Media.Audio;

/// <summary>One stretch of an audio stream with its bytes, which belong to the <see cref="AudioTimeline"/> that gave it out and are valid
/// until the next call to it.</summary>
public readonly ref struct AudioSpan
{
    internal AudioSpan(AudioSpanInfo info, ReadOnlySpan<byte> payload)
    {
        Info = info;
        Payload = payload;
    }

    /// <summary>What is known of it; may be kept.</summary>
    public AudioSpanInfo Info { get; }

    /// <summary>Media: what the decoder takes. Comfort noise: the noise description. Telephone event: its payload. Loss: the packet behind it,
    /// when that can make good some of it. Else empty.</summary>
    public ReadOnlySpan<byte> Payload { get; }
}
