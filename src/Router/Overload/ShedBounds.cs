namespace Sfu.Router.Overload;

/// <summary>When a worker counts as late, and how fast it sheds and comes back.</summary>
/// <param name="LateAfter">A packet that waited longer in the socket is late; twice as long, a timer. Zero: never shed.</param>
internal sealed record ShedBounds(TimeSpan LateAfter)
{
    /// <summary>The default of <see cref="LateAfter"/>: clients even out less than that, and whoever talks does not notice it.</summary>
    internal static readonly TimeSpan DefaultLateAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>Share of a window's packets that must be late, or of the turns that ran timers.</summary>
    internal const double LateShare = 0.5;

    /// <summary>A window with more late packets than this is not calm.</summary>
    internal const double CalmShare = 0.02;

    /// <summary>A worker that is idle for half of the time has nothing to shed: if it is late, the machine is at fault.</summary>
    internal const double LateBusy = 0.5;

    /// <summary>A worker that is busier than this takes nothing back on.</summary>
    internal const double CalmBusy = 0.85;

    /// <summary>Windows in a row that must be late before one step is taken.</summary>
    internal const int LateWindows = 2;

    /// <summary>A worker that is so many times as late as the bound takes a step after every late window: what waits is growing.</summary>
    internal const int VeryLate = 4;

    /// <summary>How long it measures before it judges.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMilliseconds(250);

    /// <summary>Calm time before one step back, at first.</summary>
    internal static readonly TimeSpan RiseAfter = TimeSpan.FromSeconds(2);

    /// <summary>The same after steps back that were too early: doubled for each.</summary>
    internal static readonly TimeSpan MaxRiseAfter = TimeSpan.FromSeconds(64);

    /// <summary>A step back was too early when the worker is late again within that time.</summary>
    internal static readonly TimeSpan Trial = TimeSpan.FromSeconds(10);

    /// <summary>False when the worker never sheds.</summary>
    internal bool IsEnabled => LateAfter > TimeSpan.Zero;
}
