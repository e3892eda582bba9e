using Sfu.Nodes;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <summary>The offers of one session: numbered, one open at a time, void when their socket is lost.</summary>
/// <remarks>Used in the session's mailbox only.</remarks>
internal sealed class OfferExchange(Session session, SessionServices services) : IDisposable
{
    private int _lastRev;
    private OpenOffer? _open;
    private (IClientSocket Socket, OfferMessage Offer)? _next;

    /// <summary>An offer came.</summary>
    public void OnOffer(IClientSocket socket, IMediaSession media, OfferMessage offer)
    {
        if (offer.Rev <= _lastRev)
        {
            session.Refuse(offer.Id, ErrorCodes.BadState, $"rev must be greater than {_lastRev}.", "rev");
            return;
        }

        if (_open?.Socket == socket || _next is not null)
        {
            session.Refuse(offer.Id, ErrorCodes.BadState, "An offer is open: wait for its answer.");
            return;
        }

        _lastRev = offer.Rev;
        if (_open is null) Start(socket, media, offer);
        else _next = (socket, offer); // the void one of the lost socket is still being given up
    }

    /// <summary>The socket was lost or replaced: what was not answered is void.</summary>
    public void OnSocketGone()
    {
        _open?.Cancellation.Cancel();
        _next = null;
    }

    /// <inheritdoc/>
    public void Dispose() => OnSocketGone();

    private void Start(IClientSocket socket, IMediaSession media, OfferMessage offer)
    {
        var open = new OpenOffer(socket, new CancellationTokenSource(services.Options.RequestTimeout, services.Time));
        _open = open;
        _ = ExchangeAsync(open, media, offer);
    }

    private async Task ExchangeAsync(OpenOffer open, IMediaSession media, OfferMessage offer)
    {
        ServerMessage reply;
        try
        {
            // Twice the time: a media session that heeds the cancellation answers before.
            reply = Reply(offer, await media.OfferAsync(offer.Sdp, offer.Labels, open.Cancellation.Token)
                .WaitAsync(2 * services.Options.RequestTimeout, services.Time));
        }
#pragma warning disable CA1031 // the client gets its answer whatever happened; the log has the rest
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!open.Cancellation.IsCancellationRequested || session.IsCurrent(open.Socket))
                services.Logger.RequestFailed(exception, session.Id.Value);
            reply = new ErrorMessage(offer.Id, ErrorCodes.Internal, null, "The offer could not be answered; try again.", 1000);
        }

        session.Post(() => Finish(open, media, reply));
    }

    private void Finish(OpenOffer open, IMediaSession media, ServerMessage reply)
    {
        open.Cancellation.Dispose();
        _open = null;
        if (reply is AnswerMessage) session.OnAnswered();
        if (session.IsCurrent(open.Socket)) session.Send(reply);
        if (_next is not { } next) return;
        _next = null;
        if (session.IsCurrent(next.Socket)) Start(next.Socket, media, next.Offer);
    }

    private static ServerMessage Reply(OfferMessage offer, MediaAnswer answer) => answer.Sdp is { } sdp
        ? new AnswerMessage(offer.Id!.Value, offer.Rev, sdp, Wire.Of(answer.Sections))
        : new ErrorMessage(offer.Id, answer.Error?.Code ?? ErrorCodes.Internal, answer.Error?.Field, answer.Error?.Message ?? "No answer.", null);

    private sealed record OpenOffer(IClientSocket Socket, CancellationTokenSource Cancellation);
}
