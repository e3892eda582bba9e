namespace Sfu.Recorder.Derivation;

/// <summary>Tells progress, and while there is none to tell, the same again once a second at most: who watches hears that work goes on.</summary>
/// <remarks>Owned by one thread: work that stands still gives no sign.</remarks>
/// <param name="time">A clock.</param>
/// <param name="say">Gets the share that is done, 0 to 1.</param>
public sealed class LifeSign(TimeProvider time, Action<double> say)
{
    /// <summary>How often it may say the same again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private double _share;
    private long _saidAt = time.GetTimestamp();

    /// <summary>A share of the work is done.</summary>
    public void Progress(double share)
    {
        _share = share;
        Say();
    }

    /// <summary>Something was done that is no share of the work.</summary>
    public void Beat()
    {
        if (time.GetElapsedTime(_saidAt) >= Interval) Say();
    }

    private void Say()
    {
        _saidAt = time.GetTimestamp();
        say(_share);
    }
}
