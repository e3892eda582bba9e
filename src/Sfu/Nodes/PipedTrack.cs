using Sfu.Nodes.Workers;
using Sfu.Router.Pipes;

namespace Sfu.Nodes;

/// <summary>A track on a worker that it does not come in on, as long as somebody there is sent it.</summary>
/// <remarks>Guarded by its room's gate.</remarks>
internal sealed class PipedTrack(PipeChannel channel, RentedPipe pipe)
{
    /// <summary>The way it takes.</summary>
    internal PipeChannel Channel { get; } = channel;

    /// <summary>The pipe it takes it through.</summary>
    internal RentedPipe Pipe { get; } = pipe;

    /// <summary>Consumers there.</summary>
    internal int Consumers { get; set; }
}
