namespace Sfu.Router.Overload;

/// <summary>Why a worker sheds more or less than before.</summary>
public enum ShedCause
{
    /// <summary>Most packets waited in the socket for longer than the bound.</summary>
    PacketAge = 0,

    /// <summary>Most turns ran their timers later than twice the bound.</summary>
    TimersLate,

    /// <summary>The kernel had no room for datagrams (SO_RXQ_OVFL).</summary>
    SocketDrops,

    /// <summary>The worker kept up for long enough: one step back.</summary>
    Recovered,
}
