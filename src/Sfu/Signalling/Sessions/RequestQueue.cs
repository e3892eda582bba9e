using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Sessions;

/// <summary>Carries out the requests of one session that the room decides: one after the other, as the client sent them.</summary>
/// <remarks>Used in the session's mailbox only.</remarks>
internal sealed class RequestQueue(Session session, SessionServices services)
{
    /// <summary>Most requests that may wait: more than the rate lets through while one times out.</summary>
    private const int Capacity = 500;

    private Task _last = Task.CompletedTask;
    private int _waiting;

    /// <summary>Queues a request and answers it when the room has decided.</summary>
    /// <param name="socket">Who is answered, if it is still there then.</param>
    /// <param name="re">The request's id.</param>
    /// <param name="call">Asks the room; its result is the refusal, or null.</param>
    public void Add(IClientSocket socket, int? re, Func<Task<RoomOutcome>> call)
    {
        if (_waiting >= Capacity)
        {
            session.Refuse(re, ErrorCodes.Limit, "Too many requests wait for the room.");
            return;
        }

        _waiting++;
        _last = RunAsync(_last, socket, re, call);
    }

    private async Task RunAsync(Task before, IClientSocket socket, int? re, Func<Task<RoomOutcome>> call)
    {
        await before;
        RoomError? error;
        try
        {
            RoomOutcome outcome = await call().WaitAsync(services.Options.RequestTimeout, services.Time);
            error = outcome.Error;
        }
#pragma warning disable CA1031 // the store or the cluster does not answer: the client gets a typed error, the log has the rest
        catch (Exception exception)
#pragma warning restore CA1031
        {
            services.Logger.RequestFailed(exception, session.Id.Value);
            error = new RoomError(RoomErrorCode.TryAgain, "The room does not answer; try again.", TimeSpan.FromSeconds(1));
        }

        session.Post(() =>
        {
            _waiting--;
            if (session.IsCurrent(socket)) session.Reply(re, error);
        });
    }
}
