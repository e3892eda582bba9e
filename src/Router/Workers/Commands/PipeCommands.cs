using Sfu.Router.Pipes;

namespace Sfu.Router.Workers.Commands;

/// <summary>To the edge: makes a producer of what comes through a pipe; the worker opens the channel at the origin itself. It ends by
/// <see cref="RemoveProducer"/> with the edge's number. Nothing of it can be tapped, recorded or piped on.</summary>
/// <param name="Room">The room at the edge; it has a transport already.</param>
/// <param name="Publisher">The transport at the origin that sends it: its sound and picture share a clock.</param>
/// <param name="Channel">The way here.</param>
/// <param name="Parameters">What was negotiated with the publisher.</param>
public sealed record AddPipedProducer(RoomId Room, TransportId Publisher, PipeChannel Channel, ProducerParameters Parameters) : WorkerCommand;

/// <summary>To both ends: the control plane uses a pipe no longer, nothing is opened in it after this.</summary>
/// <param name="Pipe">The pipe.</param>
/// <param name="IsWriter">The worker is its origin.</param>
public sealed record ReleasePipe(Pipe Pipe, bool IsWriter) : WorkerCommand;

/// <summary>From the edge to the origin, about one channel.</summary>
internal abstract record PipeRequest(PipeChannel Channel) : WorkerCommand;

/// <summary>The edge is ready; repeated when it hears nothing.</summary>
internal sealed record OpenPipe(PipeChannel Channel) : PipeRequest(Channel);

/// <summary>The edge's producer ended.</summary>
internal sealed record ClosePipe(PipeChannel Channel) : PipeRequest(Channel);

/// <summary>The encodings that viewers of the edge want, one bit each.</summary>
internal sealed record WantPiped(PipeChannel Channel, uint Encodings) : PipeRequest(Channel);

/// <summary>Viewers of the edge wait for a key frame of an encoding, which is wanted by that.</summary>
internal sealed record RequestPipedKeyFrame(PipeChannel Channel, int Encoding) : PipeRequest(Channel);
