using Sfu.Media.Time;

namespace Sfu.Router.Overload;

/// <summary>How long a turn may read from ICE-TCP connections: a tenth of it while there are UDP packets, which must not wait for them.</summary>
/// <remarks>Owned by one media worker; told the times. What is not read stays readable and comes with the next turn, which begins with another
/// connection.</remarks>
internal sealed class TcpShare
{
    private const int UdpPerTcp = 9;                       // nine parts UDP, one part TCP

    // Reading one connection takes some microseconds; a shorter share would cost a wait of its own for each of them.
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(100);

    private uint _turns;

    /// <summary>When a turn's reading of TCP has to end; at least one connection is read.</summary>
    /// <param name="turn">When the turn began.</param>
    /// <param name="now">When its UDP packets were done.</param>
    /// <param name="udpPackets">How many there were; without any, TCP may take all the time.</param>
    internal static MediaTime EndFor(MediaTime turn, MediaTime now, int udpPackets)
    {
        if (udpPackets == 0) return MediaTime.Never;
        TimeSpan share = (now - turn) / UdpPerTcp;
        return now + (share > Least ? share : Least);
    }

    /// <summary>Which of the ready connections is the first of this turn.</summary>
    /// <param name="ready">Their number, at least 1.</param>
    internal int TakeFirst(int ready) => (int)(_turns++ % (uint)ready);
}
