using Sfu.Router.Consumers;
using Sfu.Router.Producers;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Rooms;

/// <summary>Sums up one transport's last second for the control plane.</summary>
internal static class SummaryBuilder
{
    /// <summary>Makes the summary; the loss counts begin anew.</summary>
    internal static TransportSummary Build(RoutedTransport transport)
    {
        long expected = 0, lost = 0;
        TimeSpan jitter = TimeSpan.Zero;
        foreach (Producer producer in transport.Producers)
        {
            foreach (RtpStream? stream in producer.Streams)
            {
                if (stream is null) continue;
                (long streamExpected, long streamLost) = stream.TakeLoss();
                expected += streamExpected;
                lost += streamLost;
                if (streamExpected > 0 && stream.Statistics.JitterTime > jitter) jitter = stream.Statistics.JitterTime;
            }
        }

        return new TransportSummary(
            transport.Id, transport.RoundTrip.Value, expected > 0 ? (double)lost / expected : 0, LossDown(transport), jitter,
            transport.BytesReceived, transport.BytesSent);
    }

    /// <summary>The viewer's loss over all consumers, weighted by what each was sent.</summary>
    private static double LossDown(RoutedTransport transport)
    {
        double lost = 0;
        long packets = 0;
        foreach (Consumer consumer in transport.Consumers)
        {
            long sent = consumer.TakeSent();
            lost += consumer.LossDown * sent;
            packets += sent;
        }

        return packets > 0 ? lost / packets : 0;
    }
}
