namespace Sfu.Nodes.Sessions;

/// <summary>Carries notifications to a session's sink: in order, one at a time, never under a lock of the media plane.</summary>
/// <remarks>Filled under the room's gate, drained after it was left, by whichever thread comes first.</remarks>
internal sealed class SinkQueue(IMediaSessionSink sink, Action<Exception> onError, Action onFull)
{
    /// <summary>Most notifications that wait; a sink that returns at once never has more than a few.</summary>
    internal const int Capacity = 1024;

    /// <summary>Beyond so many, notifications that the next one of their kind replaces are left out.</summary>
    internal const int ReplaceableCapacity = 64;

    private readonly Lock _gate = new();
    private readonly Queue<Action<IMediaSessionSink>> _waiting = new();
    private bool _isDraining;
    private bool _isClosed;

    /// <summary>Appends a notification.</summary>
    /// <param name="notification">What to tell.</param>
    /// <param name="isReplaceable">The next of its kind says it all: it may be left out when the sink is slow.</param>
    internal void Add(Action<IMediaSessionSink> notification, bool isReplaceable = false)
    {
        lock (_gate)
        {
            if (_isClosed || (isReplaceable && _waiting.Count >= ReplaceableCapacity)) return;
            if (_waiting.Count < Capacity)
            {
                _waiting.Enqueue(notification);
                return;
            }
        }

        onFull();
    }

    /// <summary>Delivers what waits, unless another thread is at it.</summary>
    internal void Drain()
    {
        while (TryTake(out Action<IMediaSessionSink>? notification))
        {
            try
            {
                notification(sink);
            }
            catch (Exception error)                        // one session's fault is not that of the worker's event pump
            {
                onError(error);
            }

            lock (_gate) _isDraining = false;
        }
    }

    /// <summary>Nothing more is delivered.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Clear();
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action<IMediaSessionSink>? notification)
    {
        lock (_gate)
        {
            notification = null;
            if (_isDraining || !_waiting.TryDequeue(out notification)) return false;
            _isDraining = true;
            return true;
        }
    }
}
