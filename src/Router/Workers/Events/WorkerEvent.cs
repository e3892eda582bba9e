using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Router.Overload;

namespace Sfu.Router.Workers.Events;

/// <summary>What a media worker tells the control plane, through a bounded channel, in order. Never per packet.</summary>
public abstract record WorkerEvent;

/// <summary>ICE and DTLS are done; media flows.</summary>
/// <param name="Room">Its room.</param>
/// <param name="Transport">The transport.</param>
/// <param name="Protocol">UDP or TCP.</param>
/// <param name="Profile">The SRTP profile in use.</param>
/// <param name="IceElapsed">From the opening of the transport to the first valid check.</param>
/// <param name="DtlsElapsed">From the first ClientHello to the exported keys.</param>
public sealed record TransportConnected(
    RoomId Room, TransportId Transport, TransportProtocol Protocol, SrtpProfile Profile, TimeSpan IceElapsed, TimeSpan DtlsElapsed) : WorkerEvent;

/// <summary>A transport is gone, with everything on it.</summary>
public sealed record TransportClosed(RoomId Room, TransportId Transport, TransportCloseReason Reason) : WorkerEvent;

/// <summary>Why a transport ended.</summary>
public enum TransportCloseReason
{
    /// <summary>The control plane asked for it.</summary>
    Commanded,

    /// <summary>The client sent a DTLS close_notify.</summary>
    ClosedByClient,

    /// <summary>No valid ICE check came in time after the opening.</summary>
    IceTimeout,

    /// <summary>The DTLS handshake did not end in time or failed too often.</summary>
    DtlsFailed,

    /// <summary>The client's certificate matches no signalled fingerprint.</summary>
    FingerprintMismatch,

    /// <summary>Nothing authenticated came from the client for the time-out.</summary>
    Timeout,

    /// <summary>The room met a broken invariant and was ended.</summary>
    Failed,
}

/// <summary>The first packet of a producer's encoding arrived, or the first one of another stream of it.</summary>
/// <param name="Room">Its room.</param>
/// <param name="Producer">The producer.</param>
/// <param name="Rid">The encoding, or null without simulcast.</param>
/// <param name="Ssrc">The stream that carries it from here on.</param>
public sealed record ProducerActive(RoomId Room, ProducerId Producer, string? Rid, Ssrc Ssrc) : WorkerEvent;

/// <summary>What a viewer is really sent of a consumer. The first that is not paused comes with the consumer's first packet.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Rid">The forwarded encoding, or null.</param>
/// <param name="TemporalLayer">Highest temporal layer forwarded.</param>
/// <param name="Paused">Nothing is sent.</param>
/// <param name="Reason">Why.</param>
public sealed record ConsumerLayerChanged(ConsumerId Consumer, string? Rid, int TemporalLayer, bool Paused, ConsumerLayerReason Reason) : WorkerEvent;

/// <summary>Why a consumer forwards what it forwards.</summary>
public enum ConsumerLayerReason
{
    /// <summary>The viewer's preferences.</summary>
    Preference,

    /// <summary>The producer is muted.</summary>
    Muted,

    /// <summary>The producer sends nothing better at the moment.</summary>
    Availability,

    /// <summary>The viewer's link does not carry more.</summary>
    Bandwidth,

    /// <summary>The track must be recorded, and the recorder does not take it.</summary>
    NotRecorded,

    /// <summary>Our worker is late and sheds video (<see cref="ShedStep"/>).</summary>
    Overload,
}

/// <summary>Who speaks, loudest first; sent when the set or the order changes, at most every 300 ms.</summary>
/// <param name="Room">The room.</param>
/// <param name="Dominant">The dominant speaker's audio producer, or null when nobody spoke yet.</param>
/// <param name="Speakers">Producers that speak now.</param>
public sealed record ActiveSpeakersChanged(RoomId Room, ProducerId? Dominant, IReadOnlyList<SpeakerLevel> Speakers) : WorkerEvent;

/// <summary>One speaking producer.</summary>
/// <param name="Producer">The audio producer.</param>
/// <param name="Level">Loudness in dBov, -127 (silence) to 0.</param>
public sealed record SpeakerLevel(ProducerId Producer, int Level);

/// <summary>A room met a broken invariant and was ended; its transports' closings follow with <see cref="TransportCloseReason.Failed"/>.</summary>
/// <param name="Room">The room.</param>
/// <param name="Error">The error with its stack, for the log.</param>
public sealed record RoomFailed(RoomId Room, string Error) : WorkerEvent;

/// <summary>A worker met an error outside of any room and ended; its transports' closings came before.</summary>
/// <param name="Worker">Index of the worker on its node.</param>
/// <param name="Error">The error with its stack, for the log.</param>
public sealed record WorkerFailed(int Worker, string Error) : WorkerEvent;

/// <summary>A worker that is late sheds one step more, or one that has recovered one less; at most twice a second.</summary>
/// <param name="Worker">Index of the worker on its node.</param>
/// <param name="Step">What is shed from now on.</param>
/// <param name="Cause">Why.</param>
/// <param name="Busy">Share of the last window in which the worker was not waiting, 0 to 1.</param>
public sealed record WorkerShedChanged(int Worker, ShedStep Step, ShedCause Cause, double Busy) : WorkerEvent;

/// <summary>A worker runs; what the host granted it.</summary>
/// <param name="Worker">Index of the worker on its node.</param>
/// <param name="UdpPort">Its UDP port.</param>
/// <param name="TcpPort">Its TCP port, or 0.</param>
/// <param name="ReceiveBuffer">Kernel receive buffer in bytes; less than <paramref name="WantedBuffer"/> when net.core.rmem_max limits it.</param>
/// <param name="SendBuffer">Kernel send buffer in bytes; less than <paramref name="WantedBuffer"/> when net.core.wmem_max limits it.</param>
/// <param name="WantedBuffer">What was asked for.</param>
/// <param name="Segmentation">Equal packets leave as one message (UDP_SEGMENT).</param>
/// <param name="Cipher">The SRTP engine: its version and instruction set, or why the fast one is not used.</param>
public sealed record WorkerStarted(
    int Worker, int UdpPort, int TcpPort, int ReceiveBuffer, int SendBuffer, int WantedBuffer, bool Segmentation, string Cipher) : WorkerEvent;
