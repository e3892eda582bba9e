using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Consumers;

public sealed class RepairQueueTests
{
    [Fact]
    public void Add_Full_IsRefused()
    {
        using var room = new TestRoom();
        Consumer consumer = Consumers(room, 1)[0];
        var queue = new RepairQueue();
        for (int i = 0; i < RepairQueue.Capacity; i++) queue.Add(new RepairQueue.Entry(consumer, new SequenceNumber((ushort)i), room.Now));

        Assert.True(queue.IsFull);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Add(default));
    }

    /// <summary>Adding, taking and removing in any order, compared with a list.</summary>
    [Fact]
    public void Queue_AnyOperations_IsAListFromWhichTheOldestIsTaken() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[1, 120]).Array[1, 60].Sample(steps =>
        {
            using var room = new TestRoom();
            Consumer[] consumers = Consumers(room, 3);
            var queue = new RepairQueue();
            var model = new List<RepairQueue.Entry>();
            ushort number = 0;
            foreach ((int what, int who, int count) in steps)
            {
                for (int i = 0; what < 5 && i < count && !queue.IsFull; i++)
                {
                    var entry = new RepairQueue.Entry(consumers[who], new SequenceNumber(number), MediaTime.FromMilliseconds(number++));
                    queue.Add(entry);
                    model.Add(entry);
                }

                for (int i = 0; what is >= 5 and < 9 && i < count && model.Count > 0; i++)
                {
                    Assert.Equal(model[0], queue.Oldest);
                    Assert.Equal(model[0], queue.Take());
                    model.RemoveAt(0);
                }

                if (what == 9) Assert.Equal(model.RemoveAll(entry => entry.Consumer == consumers[who]), queue.Remove(consumers[who]));
                Assert.Equal((model.Count, model.Count == RepairQueue.Capacity), (queue.Count, queue.IsFull));
            }

            while (model.Count > 0)
            {
                Assert.Equal(model[0], queue.Take());
                model.RemoveAt(0);
            }
        }, iter: 300);

    private static Consumer[] Consumers(TestRoom room, int count)
    {
        TestTransport sender = room.Join(), viewer = room.Join();
        ProducerId producer = room.PublishVideo(sender);
        for (uint i = 0; i < count; i++) room.Subscribe(viewer, producer, TestRoom.VideoConsumer(0x9001 + 2 * i, 0x9002 + 2 * i));
        return [.. viewer.Routed.Consumers];
    }
}
