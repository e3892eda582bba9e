namespace Sfu.Configuration;

/// <summary>Where media goes in and out: section <c>Sfu:Media</c>.</summary>
public sealed class MediaOptions
{
    /// <summary>Address to bind, IPv4 or IPv6. Default <c>127.0.0.1</c>; <c>::</c> takes both families.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Addresses written into candidates; empty = those of the machine's interfaces that <see cref="Address"/> covers. At most 8.</summary>
    public IList<string> AdvertisedAddresses { get; } = [];

    /// <summary>UDP port of the first worker, the others follow; 0 to 65535, 0 = any. Default 7882.</summary>
    public int UdpPort { get; set; } = 7882;

    /// <summary>ICE-TCP port; -1 to 65535, 0 = any, -1 = no ICE-TCP. Default 7881.</summary>
    public int TcpPort { get; set; } = 7881;

    /// <summary>Media worker threads; 0 to 64, 0 = one per core. Default 0.</summary>
    public int Workers { get; set; }

    /// <summary>How the kernel lets media workers run beside the server's other threads: <c>fifo</c> (SCHED_FIFO), <c>nice</c> (nice -10), <c>normal</c>, or <c>auto</c>: <c>fifo</c>, but where no core is free of workers one that is busier than 0.6 of its time runs at nice -10
    /// until it has been below 0.48 for 2 s; where the host permits no <c>fifo</c>, <c>nice</c>, and where neither, the other threads step back (nicer by 5). Default <c>auto</c>.</summary>
    public WorkerScheduling Scheduling { get; set; } = WorkerScheduling.Auto;

    /// <summary>Load of a worker, as a share of its time from 0 to 1, from which on participants who join one of its rooms are placed on
    /// another worker if one is less loaded by 0.2 at least; the room's tracks are piped there. 0 = each room on all workers, 1 = each room on one. Default 0.6.</summary>
    public double SpanLoad { get; set; } = 0.6;

    /// <summary>Most a participant may send of one track, all simulcast encodings together, kbps; 100 to 100000. Default 4000. Browsers are told, what exceeds it is dropped.</summary>
    public int MaxTrackKbps { get; set; } = 4000;

    /// <summary>Most a participant may send of all tracks together, kbps; 100 to 400000, not below <see cref="MaxTrackKbps"/>. Default 8000.</summary>
    public int MaxParticipantKbps { get; set; } = 8000;

    /// <summary>Whether the packet path is compiled before <c>/healthz/ready</c> says yes, by packets in memory: about one second of CPU. Default true.</summary>
    public bool WarmUp { get; set; } = true;

    /// <summary>A packet that waited longer than this for its worker is late; a worker whose packets stay late sends less video, in steps (docs/performance.md). 0 (never) to 1 s; default 50 ms.</summary>
    public TimeSpan LateAfter { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A busy worker waits before it takes packets, 1 ms at most below 80 % of its time and 5 ms at most above, so that several leave together (docs/performance.md). Default true.</summary>
    public bool BurstWindow { get; set; } = true;

    /// <summary>The kernel may merge packets of one participant before the worker takes them (UDP_GRO), where it can. Default true.</summary>
    public bool ReceiveMerged { get; set; } = true;
}
