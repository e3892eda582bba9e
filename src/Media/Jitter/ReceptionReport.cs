namespace Sfu.Media.Jitter;

/// <summary>What a receiver report says about one stream (RFC 3550 section 6.4.1), ready for the wire.</summary>
/// <param name="FractionLost">Share of packets lost since the last report, in 1/256.</param>
/// <param name="CumulativeLost">Packets lost since the start, -2^23 to 2^23-1; negative when more came than were sent (duplicates).</param>
/// <param name="ExtendedHighest">Highest sequence number with its cycles in the upper 16 bits.</param>
/// <param name="Jitter">Interarrival jitter in units of the RTP clock.</param>
/// <param name="LastSenderReport">Middle 32 bits of the NTP time of the last sender report; 0 when there was none.</param>
/// <param name="DelaySinceLastSenderReport">Since that report arrived, in 1/65,536 s.</param>
public readonly record struct ReceptionReport(
    byte FractionLost, int CumulativeLost, uint ExtendedHighest, uint Jitter, uint LastSenderReport, uint DelaySinceLastSenderReport);
