using Sfu.Router.Workers.Events;

namespace Sfu.Nodes;

/// <summary>The names that clients and metrics know for the values of workers (docs/signalling.md sections 4 and 8).</summary>
internal static class WireNames
{
    /// <summary>Why a transport ended.</summary>
    internal static string Of(TransportCloseReason reason) => reason switch
    {
        TransportCloseReason.Commanded => "commanded",
        TransportCloseReason.ClosedByClient => "closed_by_client",
        TransportCloseReason.IceTimeout => "ice_timeout",
        TransportCloseReason.DtlsFailed => "dtls_failed",
        TransportCloseReason.FingerprintMismatch => "fingerprint_mismatch",
        TransportCloseReason.Timeout => "timeout",
        _ => "failed",
    };

    /// <summary>Why a consumer forwards what it forwards.</summary>
    internal static string Of(ConsumerLayerReason reason) => reason switch
    {
        ConsumerLayerReason.Muted => "muted",
        ConsumerLayerReason.Availability => "availability",
        ConsumerLayerReason.Bandwidth => "bandwidth",
        ConsumerLayerReason.NotRecorded => "not_recorded",
        ConsumerLayerReason.Overload => "overload",
        _ => "preference",
    };
}
