using Sfu.Media.Ice;
using Sfu.Router.Transport.Native;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Workers;

/// <summary>An ICE-TCP connection that another worker accepted for one of ours; whoever takes the command owns the socket.</summary>
/// <param name="Socket">The socket, in no epoll.</param>
/// <param name="Remote">The client's address.</param>
/// <param name="Received">What was read from it, from the first frame's length on.</param>
internal sealed record AdoptConnection(FileDescriptor Socket, TransportAddress Remote, byte[] Received) : WorkerCommand;
