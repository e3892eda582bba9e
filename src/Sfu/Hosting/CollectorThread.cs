using System.Collections.Concurrent;

namespace Sfu.Hosting;

/// <summary>A thread that looks after the heap, one thing after the other, a moment after it was asked to.</summary>
/// <remarks>
/// Whoever asks was woken by a timer, and so were others. A collection waits until each of them has come to a point where it may stop, but in real time it comes before
/// all of them, so that one which it interrupts gets no turn until the collection gives way for a moment; then whatever else wants the core is served as
/// well. Of 200 collections that came at once three waited like that, for the timers' thread and the pool's. So those go first.
/// </remarks>
internal sealed class CollectorThread : IDisposable
{
    /// <summary>What may wait: more than the timers ask for while one collection is under way.</summary>
    internal const int Waiting = 4;

    /// <summary>For so long those go first who were woken together with whoever asks: longer than the kernel's own threads take a core for.</summary>
    internal static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<Action> _work = new(Waiting);
    private readonly Lock _ending = new();
    private readonly Thread _thread;
    private bool _isEnding;

    /// <summary>Starts the thread.</summary>
    internal CollectorThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "collector" };
        _thread.Start();
    }

    /// <summary>Has something done; from any thread.</summary>
    /// <returns>False when it is left out: too much is waiting, or the thread is about to end.</returns>
    internal bool TryPost(Action work)
    {
        lock (_ending) return !_isEnding && _work.TryAdd(work);
    }

    /// <summary>Ends the thread after what is under way. No more than seconds are waited for it: a process that ends needs no collection.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            if (_isEnding) return;
            _isEnding = true;
            _work.CompleteAdding();
        }

        if (_thread.Join(EndsWithin)) _work.Dispose();
    }

    private void Run()
    {
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            Thread.Sleep(Moment);
            work();
        }
    }
}
