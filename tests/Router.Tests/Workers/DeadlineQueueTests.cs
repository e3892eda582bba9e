using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Workers;

public sealed class DeadlineQueueTests
{
    [Fact]
    public void AnyOperations_AgreeWithASortedModel() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 150], Gen.Int[0, 40]).Array[0, 600].Sample(operations =>
        {
            var queue = new DeadlineQueue();
            Dictionary<int, MediaTime> model = [];
            foreach ((int what, int number, int at) in operations)
            {
                MediaTime time = MediaTime.FromMilliseconds(at);
                if (what < 6)
                {
                    queue.Set(number, time);
                    model[number] = time;
                }
                else if (what < 8)
                {
                    queue.Set(number, MediaTime.Never);
                    model.Remove(number);
                }
                else
                {
                    TakeOne(queue, model, time);
                }

                Assert.Equal(model.Count == 0 ? MediaTime.Never : model.Values.Min(), queue.Next);
            }

            while (model.Count > 0) TakeOne(queue, model, MediaTime.FromSeconds(1));
            Assert.False(queue.TryTakeDue(MediaTime.FromSeconds(1), out _, out _));
        });

    [Fact]
    public void TryTakeDue_ExactlyAtTheDeadline_IsDue()
    {
        var queue = new DeadlineQueue();
        queue.Set(5, MediaTime.FromMilliseconds(10));

        Assert.False(queue.TryTakeDue(new MediaTime(MediaTime.FromMilliseconds(10).Nanoseconds - 1), out _, out _));
        Assert.True(queue.TryTakeDue(MediaTime.FromMilliseconds(10), out int number, out MediaTime due));
        Assert.Equal((5, MediaTime.FromMilliseconds(10)), (number, due));
        Assert.Equal(MediaTime.Never, queue.Next);
    }

    [Fact]
    public void Set_HighNumber_GrowsAndKeepsTheRest()
    {
        var queue = new DeadlineQueue();
        queue.Set(1, MediaTime.FromMilliseconds(1));
        queue.Set(100_000, MediaTime.FromMilliseconds(2));

        Assert.True(queue.TryTakeDue(MediaTime.FromSeconds(1), out int first, out _));
        Assert.True(queue.TryTakeDue(MediaTime.FromSeconds(1), out int second, out _));
        Assert.Equal((1, 100_000), (first, second));
    }

    private static void TakeOne(DeadlineQueue queue, Dictionary<int, MediaTime> model, MediaTime now)
    {
        bool isDue = model.Count > 0 && model.Values.Min() <= now;
        Assert.Equal(isDue, queue.TryTakeDue(now, out int number, out MediaTime due));
        if (!isDue) return;
        Assert.Equal(model.Values.Min(), due);
        Assert.Equal(model[number], due);
        model.Remove(number);
    }
}
