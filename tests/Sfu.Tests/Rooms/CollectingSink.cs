using Sfu.Rooms;

namespace Sfu.Tests.Rooms;

/// <summary>Keeps what it gets, and lets a test wait for a number.</summary>
internal sealed class CollectingSink : IRoomEventSink
{
    private readonly Lock _gate = new();
    private readonly List<long> _seqs = [];
    private readonly List<(long Seq, TaskCompletionSource Source)> _waiting = [];

    /// <summary>Throws at this number.</summary>
    public long FailsAt { get; set; }

    public IReadOnlyList<long> Seqs
    {
        get
        {
            lock (_gate) return [.. _seqs];
        }
    }

    public void OnEvent(LoggedEvent loggedEvent)
    {
        lock (_gate)
        {
            _seqs.Add(loggedEvent.Seq);
            foreach ((long seq, TaskCompletionSource source) in _waiting)
            {
                if (loggedEvent.Seq >= seq) source.TrySetResult();
            }
        }

        if (loggedEvent.Seq == FailsAt) throw new InvalidOperationException("a session's error");
    }

    /// <summary>Ends when the number was there; fails after 20 s.</summary>
    public Task UntilAsync(long seq)
    {
        lock (_gate)
        {
            if (_seqs.Any(s => s >= seq)) return Task.CompletedTask;
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((seq, source));
            return source.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }
}
