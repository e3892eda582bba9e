using Sfu.Media.Srtp;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Clients;

/// <summary>What one client and its link are like.</summary>
internal sealed record ClientOptions
{
    /// <summary>Client to server.</summary>
    internal LinkOptions Up { get; init; } = LinkOptions.Good;

    /// <summary>Server to client.</summary>
    internal LinkOptions Down { get; init; } = LinkOptions.Good;

    /// <summary>SRTP profiles it offers.</summary>
    internal IReadOnlyList<SrtpProfile> Profiles { get; init; } = [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];

    /// <summary>Its first DTLS resend: browsers after 50 ms, aiortc and GStreamer after 1 s.</summary>
    internal TimeSpan DtlsResend { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Cuts its ClientHello into two datagrams, as post-quantum key shares do.</summary>
    internal bool SplitsHello { get; init; }

    /// <summary>Both directions alike.</summary>
    internal static ClientOptions With(LinkOptions both) => new() { Up = both, Down = both };
}
