using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Nodes.Sessions;

/// <summary>How a player, which is answered once, is sent what comes later.</summary>
internal sealed partial class MediaSession
{
    /// <summary>Gives a player's free sections the tracks that wait, oldest first.</summary>
    /// <remarks>Runs when a turn ends: by then the worker was told of the end of whatever sent on the same SSRC before.</remarks>
    internal void Fill()
    {
        if (IsEnded || Transport is not { } transport) return;
        foreach (Subscription waiting in Waiting().ToArray()) Place(waiting, transport);
    }

    private void Place(Subscription waiting, SessionTransport transport)
    {
        PublishedTrack track = Room.Find(waiting.Id)!;
        bool isUnfit = false;
        foreach (SessionSection section in transport.Sections)
        {
            if (section.Reserved is not { } reserved || section.Received is not null || section.Kind != waiting.Kind) continue;
            if (CodecNegotiator.TryConsume(section.Offer, track.Selection.Codecs, Room.Services.Capabilities, out ConsumerSelection? selection, out _))
            {
                Receive(section, transport, waiting, SentTrack.On(reserved, Room.Services.Ids.NextConsumer(), track, this, selection));
                return;
            }

            isUnfit = true;
        }

        if (!isUnfit || waiting.IsRefused) return;
        waiting.IsRefused = true;
        Room.Services.Metrics.Unplayable();
        Room.Services.Logger.Unplayable(track.Info.Id, track.Info.Codec, Participant);
    }
}
