using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>Protecting and unprotecting one packet.</summary>
internal sealed unsafe class SrtpStages(int payload)
{
    private const int Header = 20;
    private const int Packets = 4096;
    private const int Lanes = 64;
    private const int Stride = 1536;

    private readonly byte[] _memory = GC.AllocateArray<byte>(Packets * Stride, pinned: true);
    private readonly byte[] _source = new byte[Stride];
    private readonly byte[] _plain = new byte[Stride];
    private ulong _index = 1000;

    /// <summary>One by one.</summary>
    public double Protect(SrtpProfile profile)
    {
        using SrtpSender sender = new(Keys(profile, server: true));
        return CpuClock.Measure(Packets, () => { }, () =>
        {
            for (int i = 0; i < Packets; i++) sender.Protect(At(i % Lanes), Header, _source.AsSpan(0, payload), new Ssrc(1), _index++);
        });
    }

    /// <summary>As many together as a flush has.</summary>
    public double ProtectTogether(SrtpProfile profile)
    {
        using SrtpSender sender = new(Keys(profile, server: true));
        using SrtpBatch batch = SrtpEngine.Best.CreateBatch();
        return CpuClock.Measure(Packets, () => { }, () =>
        {
            for (int i = 0; i < Packets; i++)
            {
                sender.Protect(At(i % Lanes), Header, _source.AsSpan(0, payload), new Ssrc(1), _index++, batch);
                if (i % Lanes == Lanes - 1) batch.Flush();
            }
        });
    }

    /// <summary>Replay check, cipher, tag.</summary>
    public double Unprotect(SrtpProfile profile)
    {
        using SrtpSender sender = new(Keys(profile, server: true));
        using SrtpReceiver receiver = new(Keys(profile, server: false));
        int length = 0;
        ulong index = 1000;                                // a receiver that is new expects no rollover
        return CpuClock.Measure(
            Packets,
            () =>
            {
                for (int i = 0; i < Packets; i++)
                {
                    new RtpHeaderWriter(At(i), false, 96, new SequenceNumber((ushort)index), default, new Ssrc(1)).Finish();
                    length = sender.Protect(At(i), RtpHeader.FixedSize, _source.AsSpan(0, payload), new Ssrc(1), index++);
                }
            },
            () =>
            {
                for (int i = 0; i < Packets; i++)
                {
                    Span<byte> datagram = At(i)[..length];
                    RtpHeader.Parse(datagram, out RtpHeader header);
                    if (receiver.Unprotect(datagram, header, _plain, out _) != DropReason.None) throw new InvalidOperationException("not opened");
                }
            });
    }

    private static SrtpKeys Keys(SrtpProfile profile, bool server)
    {
        var exported = new byte[SrtpKeys.ExportedLength(profile)];
        new Random(1).NextBytes(exported);
        return SrtpKeys.FromDtls(profile, exported, server);
    }

    private Span<byte> At(int packet) => _memory.AsSpan(packet * Stride, Stride);
}
