using System.Runtime.InteropServices;

namespace Sfu.Router.Transport.Native;

/// <summary>Two UDP sockets on one port: the kernel puts transport-cc feedback into the second one and everything else into the first.</summary>
/// <remarks>Receivers send feedback ten to twenty times a second each, and none of it is urgent. In a socket of its own it wakes nobody and is
/// read many at a time. The sockets form a SO_REUSEPORT group whose program chooses by what RTCP leaves in clear: type and format of the first
/// packet (RFC 3711 section 3.4).</remarks>
internal static unsafe class PortSplit
{
    private const byte TransportFeedback = 205;            // RTPFB, RFC 4585 section 6.1
    private const byte TransportCc = 0x8F;                 // version 2, format 15
    private const byte WithoutPadding = 0xDF;
    private const ushort LoadByte = 0x30, And = 0x54, JumpIfEqual = 0x15, Return = 0x06;

    /// <summary>Opens the second socket.</summary>
    /// <param name="first">Bound; opened without SO_REUSEPORT, so that its port was nobody else's.</param>
    /// <param name="open">Opens another socket on the same address and port, with SO_REUSEPORT.</param>
    /// <returns>The second socket; null where the kernel has no such groups: then everything comes to the first.</returns>
    internal static FileDescriptor? TryOpen(FileDescriptor first, Func<FileDescriptor> open)
    {
        if (!SocketFactory.TrySet(first, LibCConstants.SolSocket, LibCConstants.SoReusePort, 1)) return null;
        FileDescriptor? second = null;
        try
        {
            second = open();
            if (TryAttach(first)) return second;
        }
        catch (IOException)
        {
            // refused: one socket serves as well
        }

        second?.Dispose();                                 // before anything can come to it
        _ = SocketFactory.TrySet(first, LibCConstants.SolSocket, LibCConstants.SoReusePort, 0);
        return null;
    }

    private static bool TryAttach(FileDescriptor socket)
    {
        ReadOnlySpan<Instruction> program =
        [
            new(LoadByte, 0, 0, 1),
            new(JumpIfEqual, 0, 4, TransportFeedback),
            new(LoadByte, 0, 0, 0),
            new(And, 0, 0, WithoutPadding),
            new(JumpIfEqual, 0, 1, TransportCc),
            new(Return, 0, 0, 1),
            new(Return, 0, 0, 0),                          // also what a datagram of fewer bytes gets
        ];
        fixed (Instruction* instructions = program)
        {
            var description = new Program { Length = (ushort)program.Length, Instructions = instructions };
            return LibC.SetSockOpt(socket, LibCConstants.SolSocket, LibCConstants.SoAttachReusePortFilter, (int*)&description, (uint)sizeof(Program)) == 0;
        }
    }

    /// <summary>struct sock_filter: places of a jump count from the next instruction.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte ifTrue, byte ifFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue = ifTrue;
        public readonly byte IfFalse = ifFalse;
        public readonly uint Value = value;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
