namespace Sfu.Router.Workers;

/// <summary>A room on the media plane; numbers are made by the node and never reused within a process.</summary>
public readonly record struct RoomId(long Value);

/// <summary>One participant's transport; numbers are made by the node and never reused within a process.</summary>
public readonly record struct TransportId(long Value);

/// <summary>One incoming track; numbers are made by the node and never reused within a process.</summary>
public readonly record struct ProducerId(long Value);

/// <summary>One outgoing track of one participant; numbers are made by the node and never reused within a process.</summary>
public readonly record struct ConsumerId(long Value);
