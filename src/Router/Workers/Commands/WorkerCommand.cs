using Sfu.Media.Buffers;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;

namespace Sfu.Router.Workers.Commands;

/// <summary>What the control plane may ask of a media worker; taken from its bounded mailbox in order.</summary>
/// <remarks>A command for an id that is already gone is ignored and counted: closing races with everything.</remarks>
public abstract record WorkerCommand;

/// <summary>Creates a transport (and its room, when it is the first); it waits for ICE checks on the worker's port.</summary>
/// <param name="Room">The room it belongs to.</param>
/// <param name="Transport">Its new id.</param>
/// <param name="Local">Our ICE credentials; the user name fragment is unique on the node.</param>
/// <param name="Remote">The client's ICE credentials.</param>
/// <param name="Fingerprints">The client's certificate hashes; one must match (RFC 8122 section 5.1).</param>
public sealed record OpenTransport(
    RoomId Room, TransportId Transport, IceCredentials Local, IceCredentials Remote, IReadOnlyList<DtlsFingerprint> Fingerprints) : WorkerCommand;

/// <summary>ICE restart: new credentials; media stays on the old pair until a check on the new ones nominates another (RFC 8445 section 9).</summary>
public sealed record RestartIce(TransportId Transport, IceCredentials Local, IceCredentials Remote) : WorkerCommand;

/// <summary>Closes a transport with a DTLS close_notify, and all its producers and consumers.</summary>
public sealed record CloseTransport(TransportId Transport) : WorkerCommand;

/// <summary>Announces a track that the client will send.</summary>
/// <param name="Transport">Whose it is.</param>
/// <param name="Producer">Its new id.</param>
/// <param name="Parameters">What was negotiated.</param>
/// <param name="Lease">Not null when it must be recorded: see <see cref="SetRecorderLease"/>.</param>
/// <param name="Tap">Attached before the first packet; or null.</param>
public sealed record AddProducer(
    TransportId Transport, ProducerId Producer, ProducerParameters Parameters, RecorderLease? Lease = null, IPacketTap? Tap = null) : WorkerCommand;

/// <summary>Replaces what was announced, after a renegotiation of the same m-section.</summary>
public sealed record UpdateProducer(ProducerId Producer, ProducerParameters Parameters) : WorkerCommand;

/// <summary>Mutes or unmutes a track at the server: while muted nothing of it reaches a consumer.</summary>
public sealed record SetProducerMuted(ProducerId Producer, bool Muted) : WorkerCommand;

/// <summary>Ends a producer and all its consumers.</summary>
public sealed record RemoveProducer(ProducerId Producer) : WorkerCommand;

/// <summary>Sends a producer's media to a transport of the same room.</summary>
public sealed record AddConsumer(TransportId Transport, ConsumerId Consumer, ProducerId Producer, ConsumerParameters Parameters) : WorkerCommand;

/// <summary>What the viewer wants of a consumer; the layer selector obeys within what the producer sends.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Paused">No media while true; a key frame is asked for when it turns false.</param>
/// <param name="MaxWidth">Widest useful picture in pixels, or 0 for no limit.</param>
/// <param name="MaxHeight">Highest useful picture in pixels, or 0 for no limit.</param>
/// <param name="MaxFramesPerSecond">Most useful frames per second, or 0 for no limit.</param>
/// <param name="Priority">1 (lowest) to 255; larger gets bandwidth first.</param>
public sealed record SetConsumerPreferences(
    ConsumerId Consumer, bool Paused, int MaxWidth = 0, int MaxHeight = 0, int MaxFramesPerSecond = 0, byte Priority = 128) : WorkerCommand;

/// <summary>Ends a consumer.</summary>
public sealed record RemoveConsumer(ConsumerId Consumer) : WorkerCommand;

/// <summary>Attaches a read-only listener to a producer.</summary>
public sealed record AddTap(ProducerId Producer, IPacketTap Tap) : WorkerCommand;

/// <summary>Detaches a listener; after <paramref name="Detached"/> ran, the tap is never called again.</summary>
public sealed record RemoveTap(ProducerId Producer, IPacketTap Tap, Action? Detached = null) : WorkerCommand;

/// <summary>Makes a track one that must be recorded: a packet of it is forwarded only while the lease is fresh and every tap, of which it
/// needs one at least, kept the packet. Null lets it go unrecorded.</summary>
public sealed record SetRecorderLease(ProducerId Producer, RecorderLease? Lease) : WorkerCommand;

/// <summary>Does nothing but call back, on the worker's thread: what came before it is done, and whatever the worker takes from its sockets
/// afterwards has a later receive time.</summary>
public sealed record PassBarrier(Action Passed) : WorkerCommand;

/// <summary>Closes every transport of a room.</summary>
public sealed record CloseRoom(RoomId Room) : WorkerCommand;
