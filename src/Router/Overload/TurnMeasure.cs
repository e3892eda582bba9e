namespace Sfu.Router.Overload;

/// <summary>What one turn of a worker measured of itself.</summary>
/// <param name="Idle">How much of the time since the last turn's measure was spent waiting.</param>
/// <param name="Packets">UDP datagrams taken from the socket.</param>
/// <param name="Age">The longest that any of them can have waited in the socket.</param>
/// <param name="TimerLate">The latest start of a timer that was due.</param>
/// <param name="KernelDrops">Datagrams the kernel dropped since the last turn.</param>
/// <param name="HadTimers">Timers were looked at.</param>
internal readonly record struct TurnMeasure(TimeSpan Idle, int Packets, TimeSpan Age, TimeSpan TimerLate, uint KernelDrops, bool HadTimers = true);
