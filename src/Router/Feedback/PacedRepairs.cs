using Sfu.Media.Congestion;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Rooms;

namespace Sfu.Router.Feedback;

/// <summary>Answers viewers' NACKs: sound at once, video as fast as the viewer's link is thought to carry beside the live media, which is
/// never held (docs/adr/0013-paced-repairs.md).</summary>
/// <remarks>Owned by its room; no allocation but for a viewer's first packet that has to wait. The history's limits and the budget are
/// applied when a packet leaves, so that they count what was sent.</remarks>
internal sealed class PacedRepairs(RoomRouter room, RoomContext context)
{
    /// <summary>What has waited for this long is not sent any more: its picture was due, or the viewer asks again.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two times that something waiting is sent, at least: fewer packets would leave in one message.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <summary>How long a packet for which there is room waits for others to leave with it. Four packets of 1,200 B take 15 ms at 2.5 Mbit/s;
    /// it is little beside the round trip that the viewer has waited already.</summary>
    internal static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(15);

    /// <summary>Takes the numbers that a viewer misses of a consumer that can repair them.</summary>
    internal void OnNack(MediaTime now, Consumer consumer, NackFeedback nack)
    {
        if (consumer.Producer.Kind == MediaKind.Audio)
        {
            while (nack.MoveNext(out SequenceNumber number))
            {
                context.Counters.NacksReceived++;
                Send(now, consumer, number);
            }

            return;
        }

        RoutedTransport viewer = consumer.Transport;
        Pacer pacer = viewer.Pace(now);
        while (nack.MoveNext(out SequenceNumber number))
        {
            context.Counters.NacksReceived++;
            if (!viewer.HasRepairs && pacer.HasRoom(now)) Send(now, consumer, number);
            else TakeOn(now, consumer, number);
        }

        SendDue(now, viewer);
    }

    /// <summary>Sends of what waits as much as there is room for, drops what waited too long, and plans when to go on.</summary>
    internal void SendDue(MediaTime now, RoutedTransport viewer)
    {
        if (!viewer.HasRepairs) return;
        RepairQueue queue = viewer.Repairs;
        Pacer pacer = viewer.Pace(now);
        while (queue.Count > 0)
        {
            if (now - queue.Oldest.AskedAt >= LongestWait)
            {
                RepairQueue.Entry late = queue.Take();
                late.Consumer.Repair!.StopWaiting(late.Number);
                context.Counters.RepairsLate++;
            }
            else if (!pacer.HasRoom(now))
            {
                break;
            }
            else
            {
                RepairQueue.Entry due = queue.Take();
                if (Send(now, due.Consumer, due.Number)) context.Counters.RepairsPaced++;
                else context.Counters.RepairsGone++;
            }
        }

        if (queue.Count > 0) Plan(now, viewer, queue, pacer);
    }

    private void TakeOn(MediaTime now, Consumer consumer, SequenceNumber number)
    {
        if (!consumer.Repair!.TryWait(now, number)) return;
        RepairQueue queue = consumer.Transport.Repairs;
        if (!queue.IsFull)
        {
            queue.Add(new RepairQueue.Entry(consumer, number, now));
            return;
        }

        consumer.Repair.StopWaiting(number);
        context.Counters.RepairsFull++;
    }

    private bool Send(MediaTime now, Consumer consumer, SequenceNumber number)
    {
        int bytes = consumer.Repair!.Resend(now, number);
        if (bytes == 0) return false;
        context.Counters.Retransmissions++;
        context.Counters.Sent(consumer.Producer.Kind, 1, bytes);
        consumer.Transport.OnSentAgain(now, bytes);
        return true;
    }

    /// <summary>Goes on when as many fit as are worth a message of their own, or after some time of gathering, or when the oldest is too old.</summary>
    private void Plan(MediaTime now, RoutedTransport viewer, RepairQueue queue, Pacer pacer)
    {
        MediaTime several = MediaTime.Min(pacer.RoomAt(now, queue.Count), pacer.RoomAt(now, 1) + Gathering);
        room.Wake(viewer, MediaTime.Min(MediaTime.Max(several, now + Tick), queue.Oldest.AskedAt + LongestWait));
    }
}
