using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Recorder.Derivation;

/// <summary>Makes units of the packets of one SSRC.</summary>
internal interface IStreamUnits
{
    /// <summary>What came but is no use.</summary>
    long Unusable { get; }

    /// <summary>Takes a packet.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="packet">All of it.</param>
    /// <param name="receivedAt">When it came.</param>
    /// <param name="ready">Gets the units that became complete.</param>
    void Add(in RtpHeader header, ReadOnlyMemory<byte> packet, MediaTime receivedAt, List<EncodedUnit> ready);

    /// <summary>Nothing more comes.</summary>
    void Flush(List<EncodedUnit> ready);
}
