using CsCheck;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class DtlsQueueTests
{
    [Fact]
    public void AnyOperations_AgreeWithAQueue()
    {
        using var fixture = new TransportFixture();
        ParticipantTransport[] transports = [fixture.Open(), fixture.Open(), fixture.Open()];
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 1500]).Array[0, 300].Sample(operations =>
        {
            using var queue = new DtlsQueue();
            Queue<(int Transport, int Length)> model = new();
            foreach ((int what, int length) in operations)
            {
                if (what < 3)
                {
                    bool hasRoom = model.Count(entry => entry.Transport == what) < DtlsQueue.PerTransport;
                    Assert.Equal(hasRoom, queue.TryAdd(transports[what], Filled(length)));
                    if (hasRoom) model.Enqueue((what, length));
                }
                else
                {
                    AssertTakes(queue, model, transports);
                }
            }

            while (model.Count > 0) AssertTakes(queue, model, transports);
            Assert.True(queue.IsEmpty);
            Assert.All(transports, transport => Assert.Equal(0, transport.QueuedDtls));
        }, threads: 1);
    }

    [Fact]
    public void TryAdd_Full_Refuses()
    {
        using var fixture = new TransportFixture();
        using var queue = new DtlsQueue();
        int taken = 0;
        for (int i = 0; i < 40; i++)
        {
            ParticipantTransport transport = fixture.Open();
            while (queue.TryAdd(transport, [1])) taken++;
        }

        Assert.Equal(1024, taken);
    }

    [Fact]
    public void TryAdd_LongerThanAnyDatagram_Refuses()
    {
        using var fixture = new TransportFixture();
        using var queue = new DtlsQueue();

        Assert.False(queue.TryAdd(fixture.Open(), new byte[1537]));
        Assert.True(queue.IsEmpty);
    }

    private static void AssertTakes(DtlsQueue queue, Queue<(int Transport, int Length)> model, ParticipantTransport[] transports)
    {
        bool isThere = model.TryDequeue(out (int Transport, int Length) expected);
        Assert.Equal(isThere, queue.TryTake(out ParticipantTransport? transport, out ReadOnlySpan<byte> datagram));
        if (!isThere) return;
        Assert.Same(transports[expected.Transport], transport);
        Assert.True(datagram.SequenceEqual(Filled(expected.Length)));
    }

    private static byte[] Filled(int length)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, (byte)length);
        return bytes;
    }
}
