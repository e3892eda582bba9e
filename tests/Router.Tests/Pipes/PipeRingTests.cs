using System.Buffers.Binary;
using CsCheck;
using Sfu.Router.Pipes;

namespace Sfu.Router.Tests.Pipes;

/// <summary>The queue between two workers: what is written comes out once and in order, or was refused.</summary>
public sealed class PipeRingTests
{
    private const int Bytes = 4096;
    private const int MaxRecords = 20;

    private static readonly Gen<(int Action, int Length)[]> Steps = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1500]).Array[1, 400];

    [Fact]
    public void Ring_AnyOrderOfWritesAndReads_BehavesLikeABoundedQueue() => Steps.Sample(steps =>
    {
        var ring = new PipeRing(Bytes, MaxRecords);
        var hidden = new Queue<(long Number, byte[] Body)>();      // written, not published
        var waiting = new Queue<(long Number, byte[] Body)>();
        var model = new RoomModel();
        long next = 0;
        int unreleased = 0;
        foreach ((int action, int length) in steps)
        {
            switch (action)
            {
                case 0 or 1 or 2:
                    byte[] body = Body(next, action == 2 ? length % 64 : length);
                    bool isTaken = ring.TryWrite(Record(next, body));
                    bool fits = model.TryWrite(body.Length, hidden.Count + waiting.Count + unreleased);
                    Assert.Equal(fits, isTaken);
                    if (isTaken) hidden.Enqueue((next, body));
                    next++;
                    break;
                case 3:
                    Assert.Equal(hidden.Count > 0, ring.Publish());
                    while (hidden.TryDequeue(out (long Number, byte[] Body) shown)) waiting.Enqueue(shown);
                    break;
                case 4:
                    Assert.Equal(waiting.Count > 0, ring.HasMore);
                    Assert.Equal(waiting.Count > 0, ring.TryRead(out PipeRecord record));
                    if (!waiting.TryDequeue(out (long Number, byte[] Body) expected)) break;
                    Check(expected.Number, expected.Body, record);
                    model.Read(expected.Body.Length);
                    unreleased++;
                    break;
                default:
                    ring.Release();
                    model.Release();
                    unreleased = 0;
                    break;
            }
        }

        ring.CloseWriter();
        ring.CloseReader();
    }, iter: 2000);

    [Fact]
    public void TryWrite_UntilFull_HoldsItsBytesAndRefusesTheRest()
    {
        var ring = new PipeRing(1 << 16, 1 << 16);
        int taken = 0;
        while (ring.TryWrite(Record(taken, Body(taken, 1168)))) taken++;
        Assert.Equal((1 << 16) / 1200, taken);             // 32 bytes of header
        ring.Publish();
        for (int i = 0; i < taken; i++) Assert.True(ring.TryRead(out _));
        Assert.False(ring.TryWrite(Record(0, Body(0, 1168))));
        ring.Release();
        Assert.True(ring.TryWrite(Record(0, Body(0, 1168))));
        ring.CloseWriter();
        ring.CloseReader();
    }

    [Fact]
    public void TryWrite_AsManyRecordsAsMayWait_RefusesTheNext()
    {
        var ring = new PipeRing(Bytes, MaxRecords);
        for (int i = 0; i < MaxRecords; i++) Assert.True(ring.TryWrite(Record(i, [])));
        Assert.False(ring.TryWrite(Record(0, [])));
        ring.CloseWriter();
        ring.CloseReader();
    }

    [Fact]
    public void Close_BothEndsInAnyOrder_FreesTheMemoryOnce()
    {
        var ring = new PipeRing(Bytes, MaxRecords);
        ring.TryWrite(Record(1, Body(1, 100)));
        ring.Publish();
        ring.CloseReader();
        Assert.False(ring.IsFreed);
        Assert.False(ring.HasMore);
        Assert.False(ring.TryRead(out _));
        Assert.True(ring.TryWrite(Record(2, Body(2, 100))));      // nobody reads it, which is not the writer's matter
        ring.CloseWriter();
        ring.CloseWriter();
        Assert.True(ring.IsFreed);
        Assert.False(ring.TryWrite(Record(3, [])));
        Assert.False(ring.Publish() && ring.HasMore);
    }

    [Fact]
    public void Ring_TwoThreads_CarriesEveryRecordThatWasTakenInOrder()
    {
        const int Count = 300_000;
        var ring = new PipeRing(1 << 16, 256);
        long refused = 0, mistakes = 0, read = 0;
        var writer = new Thread(() =>
        {
            Span<byte> body = stackalloc byte[1500];
            for (long number = 0; number < Count;)
            {
                int length = Length(number);
                body[..length].Fill((byte)number);
                if (ring.TryWrite(new PipeRecord { Kind = PipeRecordKind.Packet, Index = number, Channel = ~number, Body = body[..length] })) number++;
                else refused++;
                if ((number & 7) != 0 && refused % 16 != 0) continue;
                ring.Publish();
                if (refused % 16 == 15) Thread.Yield();
            }

            ring.Publish();
            ring.CloseWriter();
        });
        var reader = new Thread(() =>
        {
            for (long expected = 0; expected < Count;)
            {
                int batch = 0;
                while (batch < 64 && ring.TryRead(out PipeRecord record))
                {
                    bool isRight = record.Index == expected && record.Channel == ~expected && record.Body.Length == Length(expected)
                        && !record.Body.ContainsAnyExcept((byte)expected);
                    if (!isRight) mistakes++;
                    expected++;
                    batch++;
                }

                read = expected;
                ring.Release();
                if (batch == 0) Thread.Yield();
            }

            ring.CloseReader();
        });
        writer.Start();
        reader.Start();
        Assert.True(writer.Join(TimeSpan.FromSeconds(60)), "the writer waits");
        Assert.True(reader.Join(TimeSpan.FromSeconds(60)), "the reader waits");

        Assert.Equal(0, mistakes);
        Assert.Equal(Count, read);
        Assert.True(ring.IsFreed);
    }

    /// <summary>Where records lie in a ring of which no record may wrap around the end.</summary>
    private sealed class RoomModel
    {
        private long _head, _tail, _released;

        public bool TryWrite(int body, int held)
        {
            long end = End(_head, body);
            if (held == MaxRecords || end - _released > Bytes) return false;
            _head = end;
            return true;
        }

        public void Read(int body) => _tail = End(_tail, body);

        public void Release() => _released = _tail;

        private static long End(long from, int body)
        {
            int length = (32 + body + 7) / 8 * 8;
            long at = from % Bytes;
            return from + length + (at + length > Bytes ? Bytes - at : 0);
        }
    }

    private static int Length(long number) => (int)(number * 7919 % 1200);

    private static byte[] Body(long number, int length)
    {
        var body = new byte[length];
        body.AsSpan().Fill((byte)(number * 31));
        if (length >= 8) BinaryPrimitives.WriteInt64LittleEndian(body, number);
        return body;
    }

    private static PipeRecord Record(long number, byte[] body) => new()
    {
        Kind = PipeRecordKind.Packet,
        Encoding = (byte)(number % 3),
        Flags = number % 2 == 0 ? PipeFlags.Resumes : PipeFlags.None,
        Channel = number * 1000,
        Time = -number,
        Index = number,
        Body = body,
    };

    private static void Check(long number, byte[] body, in PipeRecord record)
    {
        Assert.Equal(PipeRecordKind.Packet, record.Kind);
        Assert.Equal((byte)(number % 3), record.Encoding);
        Assert.Equal(number % 2 == 0 ? PipeFlags.Resumes : PipeFlags.None, record.Flags);
        Assert.Equal((number * 1000, -number, number), (record.Channel, record.Time, record.Index));
        Assert.True(record.Body.SequenceEqual(body));
    }
}
