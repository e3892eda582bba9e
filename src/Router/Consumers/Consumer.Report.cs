using Sfu.Router.Workers.Events;

namespace Sfu.Router.Consumers;

/// <content>What the control plane is told.</content>
internal sealed partial class Consumer
{
    private ConsumerLayerChanged? _reported;

    /// <summary>Tells the control plane what is really sent, when that changed.</summary>
    private void Report()
    {
        bool isPaused = Layers.Wish.IsPaused || Producer.IsClosed || IsHeld;
        if (!isPaused && Source is null) return;           // it has not begun yet
        ConsumerLayerReason reason = Producer.IsMuted ? ConsumerLayerReason.Muted
            : Producer.IsUnrecorded ? ConsumerLayerReason.NotRecorded
            : Layers.Wish.IsPaused ? ConsumerLayerReason.Preference
            : IsHeld ? Layers.IsOff ? Layers.Reason : ConsumerLayerReason.Bandwidth
            : Layers.Reason;
        string? rid = isPaused || Source is null ? null : Producer.Parameters.Encodings[Source.Encoding].Rid;
        int temporal = isPaused || Source is null ? 0 : Math.Min(Source.Activity.HighestTemporalLayer, Layers.CurrentTemporal);
        if (_reported is { } last && last.Rid == rid && last.TemporalLayer == temporal && last.Paused == isPaused && last.Reason == reason) return;
        _reported = new ConsumerLayerChanged(Id, rid, temporal, isPaused, reason);
        _room.Events.Post(_reported);
    }
}
