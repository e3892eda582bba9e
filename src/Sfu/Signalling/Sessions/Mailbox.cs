namespace Sfu.Signalling.Sessions;

/// <summary>Runs pieces of work one after the other, in the order they were posted; what posts them never waits.</summary>
/// <param name="run">Starts a drain: the thread pool, or in tests the caller itself.</param>
/// <param name="onError">Told of work that threw; the work behind it still runs.</param>
internal sealed class Mailbox(Action<IThreadPoolWorkItem> run, Action<Exception> onError) : IThreadPoolWorkItem
{
    /// <summary>Most pieces that may wait; far above what the limits on clients and rooms let arise.</summary>
    public const int Capacity = 16_384;

    private readonly Lock _gate = new();
    private readonly Queue<Action> _work = new();
    private bool _isRunning;

    /// <summary>Starts drains on the thread pool.</summary>
    public static Action<IThreadPoolWorkItem> OnThreadPool { get; } =
        static item => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    /// <summary>Posts a piece of work.</summary>
    /// <returns>False when too much waits; the work is not taken then.</returns>
    public bool Post(Action work)
    {
        lock (_gate)
        {
            if (_work.Count >= Capacity) return false;
            _work.Enqueue(work);
            if (_isRunning) return true;
            _isRunning = true;
        }

        run(this);
        return true;
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            Action? work;
            lock (_gate)
            {
                if (!_work.TryDequeue(out work))
                {
                    _isRunning = false;
                    return;
                }
            }

            try
            {
                work();
            }
#pragma warning disable CA1031 // one failing piece must not stop the session's others; the owner logs and ends the session
            catch (Exception exception)
#pragma warning restore CA1031
            {
                onError(exception);
            }
        }
    }
}
