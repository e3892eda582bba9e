using System.Buffers.Binary;
using CsCheck;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>The send slab against a kernel that takes, blocks and refuses as it likes.</summary>
public sealed class SendSlabTests : IDisposable
{
    private static readonly MediaTime Now = MediaTime.FromSeconds(1000);
    private readonly ScriptedSender _kernel = new();
    private readonly SegmentationPolicy _segmentation = new(true);
    private readonly SendSlab _slab;
    private readonly List<(TransportAddress To, uint Number)> _committed = [];

    public SendSlabTests() => _slab = new SendSlab(_kernel, LibCConstants.AfInet6, _segmentation);

    public void Dispose() => _slab.Dispose();

    [Fact]
    public void Flush_Run_LeavesAsOneMessage()
    {
        Commit(Receiver(1), segments: 5, segmentLength: 100, tail: 60);

        _slab.Flush(Now);

        Assert.Equal([6], _kernel.Runs);
        AssertAllSentInOrder();
        Assert.Equal((1, 1, 6), (_slab.Calls, _slab.Messages, _slab.Datagrams));
    }

    [Fact]
    public void Flush_RunRefused_SendsItsPacketsSinglyInTheSameCall()
    {
        _kernel.OnMessage = RefuseMerged;
        Commit(Receiver(1), segments: 70 - 7, segmentLength: 100, tail: 60);
        Commit(Receiver(1), segments: 1, segmentLength: 100, tail: 0);

        _slab.Flush(Now);

        AssertAllSentInOrder();
        Assert.All(_kernel.Runs, run => Assert.Equal(1, run));
        Assert.Equal(1, _segmentation.Refusals);
        Assert.Equal((0, 0), (_slab.Failed, _slab.Dropped));
    }

    [Fact]
    public void Flush_RunRefusedForOneReceiver_StillMergesForOthers()
    {
        _kernel.OnMessage = (in to, length, segment) => to == Receiver(1) ? RefuseMerged(to, length, segment) : 0;
        for (int i = 0; i < 4; i++)
        {
            Commit(Receiver(1), segments: 3, segmentLength: 100, tail: 0);
            Commit(Receiver(2), segments: 3, segmentLength: 100, tail: 0);
        }

        _slab.Flush(Now);

        AssertAllSentInOrder();
        Assert.Equal(4, _kernel.Runs.Count(run => run == 3));
        Assert.True(_segmentation.IsEnabled);
    }

    [Fact]
    public void Flush_SingleRefused_SkipsExactlyThatOne()
    {
        _kernel.OnMessage = static (in to, _, _) => to == Receiver(3) ? Errno.Perm : 0;
        for (int i = 1; i <= 5; i++) Commit(Receiver(i), segments: 1, segmentLength: 100, tail: 0);

        _slab.Flush(Now);

        Assert.Equal([1, 2, 4, 5], _kernel.Sent.Select(sent => (int)(sent.To.Low & 0xFF)));
        Assert.Equal((1, 4), (_slab.Failed, _slab.Datagrams));
    }

    [Fact]
    public void Flush_Blocked_KeepsTheRestForTheNextFlush()
    {
        int room = 3;
        _kernel.OnMessage = (in _, _, _) => room-- > 0 ? 0 : Errno.Again;
        for (int i = 0; i < 10; i++) Commit(Receiver(1), segments: 1, segmentLength: 100, tail: 0);

        _slab.Flush(Now);
        Assert.True(_slab.IsBlocked);
        Assert.False(_slab.IsFlushDue);
        Assert.Equal(3, _kernel.Sent.Count);

        room = 100;
        _slab.Flush(Now);
        Assert.False(_slab.IsBlocked);
        AssertAllSentInOrder();
    }

    [Fact]
    public void Flush_InterruptedBySignal_GoesOn()
    {
        int interruptions = 3;
        _kernel.OnMessage = (in _, _, _) => interruptions-- > 0 ? Errno.Intr : 0;
        Commit(Receiver(1), segments: 4, segmentLength: 100, tail: 0);

        _slab.Flush(Now);

        AssertAllSentInOrder();
    }

    [Fact]
    public void Flush_BlockedForLong_DropsTheOldestVideoFirst()
    {
        _kernel.OnMessage = static (in _, _, _) => Errno.Again;
        int videos = 0;
        while (_slab.Dropped == 0)
        {
            Commit(Receiver(1), segments: 1, segmentLength: 1200, tail: 0, isVideo: true);
            Commit(Receiver(2), segments: 1, segmentLength: 100, tail: 0);
            videos++;
            _slab.Flush(Now);
        }

        _kernel.OnMessage = static (in _, _, _) => 0;
        _slab.Flush(Now);

        Assert.Equal(_committed.Where(c => c.To == Receiver(2)).Select(c => c.Number), SentTo(Receiver(2)));
        Assert.Equal(videos - _slab.Dropped, SentTo(Receiver(1)).Count);
        Assert.Equal(_committed.Where(c => c.To == Receiver(1)).Select(c => c.Number).Skip((int)_slab.Dropped), SentTo(Receiver(1)));
    }

    [Fact]
    public unsafe void Settle_BlockedWithHalfASlab_LeavesDetachedBytesInPlaceUntilThen()
    {
        _kernel.OnMessage = static (in _, _, _) => Errno.Again;
        for (int i = 0; i < 1000; i++) Commit(Receiver(1), segments: 1, segmentLength: 1200, tail: 0, isVideo: true);
        _slab.Reserve(100).Fill(0xAB);
        byte* detached = _slab.Detach(100);

        _slab.Send(Now);
        Assert.Equal(-1, new ReadOnlySpan<byte>(detached, 100).IndexOfAnyExcept((byte)0xAB));
        Assert.Equal(0, _slab.Dropped);
        _slab.Settle();

        Assert.True(_slab.Dropped > 0);
    }

    [Fact]
    public void Reserve_AfterAnyFlushOfABlockedSlab_HasRoom()
    {
        // Small audio packets on a socket that takes a few now and then: the message table fills before the bytes do.
        int room = 0;
        _kernel.OnMessage = (in _, _, _) => room-- > 0 ? 0 : Errno.Again;
        for (int i = 0; i < 30_000; i++)
        {
            Commit(Receiver(1), segments: 1, segmentLength: 100, tail: 0);
            if (i % 100 != 0) continue;
            room = 97;
            _slab.Flush(Now);
        }

        Assert.Equal(0, _slab.Dropped);                    // Commit has asserted the room; a backlog of 900 is no reason to drop
    }

    [Fact]
    public void AnyKernel_EveryDatagramLeavesOnceOrIsCounted() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 9].Array[5, 60]).Sample((seed, behaviour) =>
        {
            using var test = new SendSlabTests();
            test.RunAgainstRandomKernel(new Random(seed), behaviour);
        }, iter: 50);

    private void RunAgainstRandomKernel(Random random, int[] behaviour)
    {
        foreach (int kind in behaviour)
        {
            _kernel.OnMessage = (in to, length, segment) => kind switch
            {
                <= 3 => 0,
                4 => random.Next(8) == 0 ? Errno.Again : 0,
                5 => Errno.Again,
                6 => length > segment && to.Low % 3 == 0 ? Errno.Io : 0,
                7 => random.Next(6) == 0 ? Errno.Perm : 0,
                8 => random.Next(6) == 0 ? Errno.Intr : 0,
                _ => length > segment && random.Next(3) == 0 ? Errno.MsgSize : random.Next(20) == 0 ? Errno.NoBufs : 0,
            };
            int messages = random.Next(200);
            for (int i = 0; i < messages; i++)
                Commit(Receiver(random.Next(1, 6)), random.Next(1, 20), random.Next(50, 1200), tail: 0, isVideo: random.Next(2) == 0);
            _slab.Flush(Now + TimeSpan.FromSeconds(random.Next(100)));
        }

        _kernel.OnMessage = static (in _, _, _) => 0;
        _slab.Flush(Now);
        Assert.Equal(_committed.Count, _slab.Datagrams + _slab.Failed + _slab.Dropped);
        Assert.Equal(_slab.Datagrams, _kernel.Sent.Count);
        for (int i = 1; i < 6; i++)
        {
            List<uint> sent = SentTo(Receiver(i));
            Assert.Equal(sent.Order().Distinct(), sent);   // once each, in order
            Assert.Subset(_committed.Where(c => c.To == Receiver(i)).Select(c => c.Number).ToHashSet(), sent.ToHashSet());
        }
    }

    private static int RefuseMerged(in TransportAddress to, int length, int segmentLength) => length > segmentLength ? Errno.Io : 0;

    /// <summary>Commits one message; each datagram carries its number and is filled with it.</summary>
    private void Commit(in TransportAddress to, int segments, int segmentLength, int tail, bool isVideo = false)
    {
        int total = segments * segmentLength + tail;
        Span<byte> room = _slab.Reserve(total);
        if (room.IsEmpty)
        {
            _slab.Flush(Now);
            room = _slab.Reserve(total);
        }

        Assert.Equal(total, room.Length);
        for (int at = 0; at < total; at += segmentLength)
        {
            Span<byte> datagram = room.Slice(at, Math.Min(segmentLength, total - at));
            uint number = (uint)_committed.Count;
            datagram.Fill((byte)number);
            BinaryPrimitives.WriteUInt32BigEndian(datagram, number);
            _committed.Add((to, number));
        }

        _slab.Commit(to, total, segments > 1 || tail > 0 ? segmentLength : 0, isVideo);
    }

    private void AssertAllSentInOrder() =>
        Assert.Equal(_committed, _kernel.Sent.Select(sent => (sent.To, NumberOf(sent.Bytes))));

    private List<uint> SentTo(TransportAddress to) => [.. _kernel.Sent.Where(sent => sent.To == to).Select(sent => NumberOf(sent.Bytes))];

    private static uint NumberOf(byte[] datagram)
    {
        uint number = BinaryPrimitives.ReadUInt32BigEndian(datagram);
        Assert.Equal(-1, datagram.AsSpan(4).IndexOfAnyExcept((byte)number));
        return number;
    }

    private static TransportAddress Receiver(int number) => TransportAddress.FromIPv4(0x0A00_0000u + (uint)number, 5000);
}
