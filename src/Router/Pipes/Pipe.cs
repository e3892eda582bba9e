namespace Sfu.Router.Pipes;

/// <summary>What one media worker sends another of this process: plain packets and what viewers need to know of their producers, each layer
/// once however many viewers there are.</summary>
/// <remarks>
/// One direction, one for a pair of workers, shared by the rooms that lie on both. The origin's worker writes, the edge's reads; each owns its
/// end and gives it up by <see cref="Workers.Commands.ReleasePipe"/> or with its own end. What finds no room is lost and counted: an edge that
/// is late never holds up its origin.
/// </remarks>
/// <param name="origin">The worker that writes: it takes what the edge asks for.</param>
/// <param name="edge">The worker that reads.</param>
public sealed class Pipe(IPipeHost origin, IPipeHost edge)
{
    // 2 MiB are 1,300 full packets: 50 ms of 26,000 packets a second, which is more than one worker can send on.
    private const int Bytes = 2 * 1024 * 1024;
    private const int MaxRecords = 16_384;

    /// <summary>The worker that writes.</summary>
    internal IPipeHost Origin { get; } = origin;

    /// <summary>The worker that reads.</summary>
    internal IPipeHost Edge { get; } = edge;

    /// <summary>The memory between them.</summary>
    internal PipeRing Ring { get; } = new(Bytes, MaxRecords);
}
