using System.Net;
using System.Net.Sockets;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>Receiving, finding the transport, sending; on loopback.</summary>
internal sealed unsafe class SocketStages(int length, SegmentationMode merging = SegmentationMode.Off) : IDisposable
{
    private const int Datagrams = 2048;
    private const int Queued = 32;
    private const int SolSocket = 1;
    private const int AttachFilter = 26;
    private const ushort FilterReturn = 0x06;              // BPF_RET | BPF_K

    private readonly UdpEndpoint _udp = new(IPAddress.Loopback, 0, SegmentationMode.Auto, merging);

    /// <summary>Nanoseconds per datagram taken from the socket, thirty-two waiting.</summary>
    public double Receive()
    {
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(IPAddress.Loopback, _udp.Local.Port);
        var datagram = new byte[length];
        return CpuClock.Measure(
            Queued,
            () =>
            {
                for (int i = 0; i < Queued; i++) sender.Send(datagram);
            },
            () =>
            {
                if (_udp.Receive() != Queued) throw new InvalidOperationException("datagrams got lost");
            });
    }

    /// <summary>Nanoseconds per datagram taken from the socket, thirty-two waiting that were sent in messages of eight.</summary>
    public double ReceiveMerged()
    {
        using var sender = new UdpEndpoint(IPAddress.Loopback, 0, SegmentationMode.Auto);
        const int run = 8;
        return CpuClock.Measure(
            Queued,
            () =>
            {
                for (int i = 0; i < Queued / run; i++)
                {
                    _ = sender.Outgoing.Reserve(run * length);
                    sender.Outgoing.Commit(_udp.Local, run * length, length, isVideo: true);
                }

                sender.Outgoing.Flush(MediaTime.Zero);
            },
            () =>
            {
                int messages = _udp.Receive(), bytes = 0;
                for (int i = 0; i < messages; i++) bytes += _udp.Incoming.Datagram(i).Length;
                if (bytes != Queued * length) throw new InvalidOperationException("datagrams got lost");
            });
    }

    /// <summary>Nanoseconds to tell the protocol and find the transport of one among 200.</summary>
    public static double Demultiplex()
    {
        var table = new AddressTable(7);
        var addresses = new TransportAddress[200];
        for (uint i = 0; i < addresses.Length; i++) table.Set(addresses[i] = TransportAddress.FromIPv4(0x0A000001 + i / 50, (ushort)(40_000 + 17 * i)), (int)i);
        ReadOnlyMemory<byte> datagram = new byte[] { 0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
        int found = 0;
        return CpuClock.Measure(Datagrams, () => { }, () =>
        {
            for (int i = 0; i < Datagrams; i++)
                if (Demultiplexer.Classify(datagram.Span) == DatagramKind.Rtp) found += table.Find(addresses[i % addresses.Length]);
        });
    }

    /// <summary>Nanoseconds per packet sent, with runs of <paramref name="run"/> packets to fifty receivers that drop them unseen.</summary>
    public double Send(int run)
    {
        using var sink = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sink.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        DropAll(sink);
        TransportAddress to = TransportAddress.From((IPEndPoint)sink.LocalEndPoint!);
        int messages = Datagrams / run;
        return CpuClock.Measure(messages * run, () => { }, () =>
        {
            for (int i = 0; i < messages; i++)
            {
                _ = _udp.Outgoing.Reserve(run * length);
                _udp.Outgoing.Commit(to, run * length, run > 1 ? length : 0, isVideo: true);
                if (i % 16 == 15 || i == messages - 1) _udp.Outgoing.Flush(MediaTime.Zero);
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _udp.Dispose();

    /// <summary>Lets the kernel drop whatever comes to a socket.</summary>
    internal static void DropAll(Socket sink)
    {
        Span<byte> instruction = stackalloc byte[8];       // struct sock_filter: return 0 bytes
        instruction.Clear();
        BitConverter.TryWriteBytes(instruction, FilterReturn);
        fixed (byte* code = instruction)
        {
            Span<byte> program = stackalloc byte[16];      // struct sock_fprog: how many, where
            program.Clear();
            program[0] = 1;
            BitConverter.TryWriteBytes(program[8..], (long)code);
            sink.SetRawSocketOption(SolSocket, AttachFilter, program);
        }
    }
}
