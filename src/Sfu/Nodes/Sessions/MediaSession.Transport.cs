using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Sessions;

/// <summary>What becomes of the session's transport and of what is on it.</summary>
internal sealed partial class MediaSession
{
    private readonly bool[] _hadMedia = new bool[2];       // by MediaKind

    /// <summary>Media flows.</summary>
    internal void OnConnected(TransportConnected connected)
    {
        if (Transport is not { } transport || transport.Id != connected.Transport) return;
        transport.Protocol = connected.Protocol;
        WasConnected = true;
        _isConnected = true;
        Room.Services.Metrics.Connected(connected);
        Room.Services.Logger.Connected(
            Participant, connected.Protocol.ToString(), connected.Profile.ToString(), connected.IceElapsed.TotalMilliseconds, connected.DtlsElapsed.TotalMilliseconds);
        Tell(sink => sink.OnMediaConnected());
    }

    /// <summary>The worker closed the transport, with everything on it.</summary>
    internal void OnTransportClosed(TransportCloseReason reason)
    {
        if (Transport is not { } transport) return;
        Detach(transport);
        Room.Forget(transport);
        Transport = null;
        _need.Reset();
        string name = WireNames.Of(reason);
        Room.Services.Logger.Closed(Participant, name);
        if (reason == TransportCloseReason.Commanded) return;
        _closedReason = name;
        Tell(sink => sink.OnMediaClosed(name));
    }

    /// <summary>Closes the transport, if there is one, without telling the client.</summary>
    internal void CloseTransport()
    {
        if (Transport is not { } transport) return;
        Detach(transport);
        transport.Placement.Post(new CloseTransport(transport.Id));
        Room.Forget(transport);
        Transport = null;
    }

    /// <summary>Takes everything off a transport that is being closed: its producers, consumers and sections.</summary>
    internal void Detach(SessionTransport transport)
    {
        _isConnected = false;
        if (transport.Protocol is { } protocol) Room.Services.Metrics.Disconnected(protocol);
        foreach (SessionSection section in transport.Sections)
        {
            Release(section, isGone: true);
            if (section.Published is { } published) Room.Unpublish(published, isGone: true);
        }

        transport.Sections = [];
    }

    /// <summary>A section carries a track from now on.</summary>
    /// <param name="section">The section.</param>
    /// <param name="transport">The transport it is on.</param>
    /// <param name="received">The track.</param>
    /// <param name="sent">What feeds it; null when the section is only kept for it.</param>
    internal void Receive(SessionSection section, SessionTransport transport, Subscription received, SentTrack? sent)
    {
        section.Received = received;
        received.Section = section;
        received.IsRequested = false;
        if (sent is null || section.Consumer == sent) return;
        section.Consumer = sent;
        Room.Send(sent, transport);
        if (received.Wish is { } wish) Prefer(sent, wish);
    }

    /// <summary>Frees a section of what it receives: its track, if still wanted, waits again.</summary>
    internal void Release(SessionSection section, bool isGone)
    {
        if (section.Consumer is { } sent) Room.Drop(sent, isGone);
        if (section.Received is { } subscription && subscription.Section == section) subscription.Section = null;
        section.Consumer = null;
        section.Received = null;
        section.ReceiveRefusal = null;
        section.NeedsOffer = false;
        if (section.Reserved is not null) Room.Fill(this);
    }

    /// <summary>The producer behind a consumer is gone, and the consumer with it.</summary>
    internal void OnConsumerEnded(SentTrack sent)
    {
        Room.Drop(sent, isGone: true);
        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.Consumer == sent) Release(section, isGone: true);
        }
    }

    /// <summary>Its own track is gone: the section that sent it is kept, empty.</summary>
    internal void OnTrackEnded(PublishedTrack track)
    {
        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.Published == track) section.Published = null;
        }
    }

    /// <summary>What is really sent of a track; news of a consumer that was dropped meanwhile do not count.</summary>
    internal void OnLayers(SentTrack sent, ConsumerLayerChanged changed)
    {
        if (!sent.Track.Consumers.Contains(sent)) return;
        LearnFirstMedia(sent, changed);
        sent.Layers = changed;
        TellLayers(sent, changed);
    }

    /// <summary>Tells, once for each kind, that its first packet was sent, and how long it was waited for.</summary>
    private void LearnFirstMedia(SentTrack sent, ConsumerLayerChanged changed)
    {
        MediaKind kind = sent.Track.Info.Kind;
        if (changed.Paused) sent.WasHeldBack |= changed.Reason is ConsumerLayerReason.Muted or ConsumerLayerReason.Preference;
        else if (!_hadMedia[(int)kind])
        {
            _hadMedia[(int)kind] = true;
            if (sent.WasHeldBack || Subscriptions.Find(sent.Track.Info.Id) is not { } subscription) return;
            TimeSpan waited = Room.Services.Time.GetElapsedTime(subscription.ActiveSince);
            Tell(sink => sink.OnFirstMedia(kind, waited));
        }
    }

    /// <summary>Tells what the next of its kind replaces: the same object for everybody in the room.</summary>
    internal void TellRoomNews(Action<IMediaSessionSink> news) => Tell(news, isReplaceable: true);

    private void TellLayers(SentTrack sent, ConsumerLayerChanged layers)
    {
        TrackId track = sent.Track.Info.Id;
        string reason = WireNames.Of(layers.Reason);
        Tell(sink => sink.OnLayers(track, layers.Rid, layers.TemporalLayer, layers.Paused, reason));
    }
}
