using Sfu.Router.Pipes;
using Sfu.Router.Workers.Commands;

namespace Sfu.Nodes.Workers;

/// <summary>The pipes between this node's workers: one for each direction that is needed, given up with its last track.</summary>
/// <remarks>Safe on any thread.</remarks>
internal sealed class PipeDesk
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(WorkerPort From, WorkerPort To), RentedPipe> _pipes = [];

    /// <summary>Pipes that are open now.</summary>
    internal int Count
    {
        get
        {
            lock (_gate) return _pipes.Count;
        }
    }

    /// <summary>The pipe from one worker to another, for one more track.</summary>
    internal RentedPipe Rent(WorkerPort from, WorkerPort to, NodeIds ids)
    {
        lock (_gate)
        {
            if (!_pipes.TryGetValue((from, to), out RentedPipe? rented))
            {
                rented = new RentedPipe(new Pipe(from.Worker, to.Worker), from, to, ids.NextRoom());
                _pipes.Add((from, to), rented);
            }

            rented.Tracks++;
            return rented;
        }
    }

    /// <summary>A track goes through it no longer; its end was posted to the reader.</summary>
    internal void Return(RentedPipe rented)
    {
        lock (_gate)
        {
            if (--rented.Tracks == 0 && _pipes.Remove((rented.From, rented.To))) Release(rented);
        }
    }

    /// <summary>A worker ended: what goes to it and comes from it is nothing any more.</summary>
    internal void Forget(WorkerPort port)
    {
        lock (_gate)
        {
            foreach (RentedPipe rented in _pipes.Values.Where(one => one.From == port || one.To == port).ToArray())
            {
                _pipes.Remove((rented.From, rented.To));
                Release(rented);
            }
        }
    }

    private static void Release(RentedPipe rented)
    {
        if (rented.To.IsAlive) rented.To.Post(rented.Number, new ReleasePipe(rented.Pipe, IsWriter: false));
        if (rented.From.IsAlive) rented.From.Post(rented.Number, new ReleasePipe(rented.Pipe, IsWriter: true));
    }
}
