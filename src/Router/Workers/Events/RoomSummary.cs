namespace Sfu.Router.Workers.Events;

/// <summary>Once a second per room: what the control plane shows of its connections.</summary>
public sealed record RoomSummary(RoomId Room, IReadOnlyList<TransportSummary> Transports) : WorkerEvent;

/// <summary>One transport in the last second.</summary>
/// <remarks>A value: a room of many has one array of them a second, not as many objects.</remarks>
/// <param name="Transport">The transport.</param>
/// <param name="RoundTrip">Smoothed RTT from receiver reports; zero when unknown.</param>
/// <param name="LossUp">Share of the client's packets that did not reach us before repair, 0 to 1.</param>
/// <param name="LossDown">Share of our packets that did not reach the client, from its reports, 0 to 1.</param>
/// <param name="JitterUp">Interarrival jitter of the worst incoming stream (RFC 3550 section 6.4.1).</param>
/// <param name="BytesReceived">Total of the transport's life.</param>
/// <param name="BytesSent">Total of the transport's life.</param>
public readonly record struct TransportSummary(
    TransportId Transport, TimeSpan RoundTrip, double LossUp, double LossDown, TimeSpan JitterUp, long BytesReceived, long BytesSent);
