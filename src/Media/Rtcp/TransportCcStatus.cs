using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>What a transport-cc feedback says about one packet.</summary>
/// <param name="SequenceNumber">Transport-wide sequence number.</param>
/// <param name="IsReceived">False when the packet had not come.</param>
/// <param name="DeltaTicks">From the arrival of the received packet before it (the first: from the reference time), in 250 us,
/// -32,768 to 32,767; 0 when not received.</param>
/// <param name="ArrivalTicks">Arrival on the receiver's clock in 250 us, from the reference time on; 0 when not received.</param>
public readonly record struct TransportCcStatus(SequenceNumber SequenceNumber, bool IsReceived, int DeltaTicks, long ArrivalTicks);
