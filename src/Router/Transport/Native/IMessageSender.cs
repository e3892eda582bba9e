namespace Sfu.Router.Transport.Native;

/// <summary>The system call that sends many messages at once: the socket's in production; tests refuse, block and take part of a batch.</summary>
internal unsafe interface IMessageSender
{
    /// <summary>Sends messages from the front, without waiting.</summary>
    /// <param name="messages">Filled headers.</param>
    /// <param name="count">Their number, at least 1.</param>
    /// <param name="error">The errno of the first message when none was taken, else 0.</param>
    /// <returns>Messages taken, or -1.</returns>
    int Send(MMsgHdr* messages, int count, out int error);
}

/// <summary>sendmmsg on a socket that its owner closes.</summary>
internal sealed unsafe class SocketSender(FileDescriptor socket) : IMessageSender
{
    /// <inheritdoc/>
    public int Send(MMsgHdr* messages, int count, out int error)
    {
        int sent = LibC.SendMany(socket, messages, (uint)count, LibCConstants.MsgDontWait | LibCConstants.MsgNoSignal);
        error = sent < 0 ? System.Runtime.InteropServices.Marshal.GetLastSystemError() : 0;
        return sent;
    }
}
