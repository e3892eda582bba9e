namespace Sfu.Media.Rtcp;

/// <summary>Feedback message types (FMT) of the feedback we read and write, and sizes that RTCP packets share.</summary>
internal static class RtcpFormat
{
    /// <summary>Type, count and length of every packet, in bytes.</summary>
    internal const int HeadSize = 4;

    /// <summary>SSRC of the sender and of the media source that every feedback body begins with, in bytes (RFC 4585 section 6.1).</summary>
    internal const int FeedbackHeadSize = 8;

    /// <summary>Largest value of the 5-bit count.</summary>
    internal const int MaxCount = 31;

    /// <summary>Generic NACK of RTPFB.</summary>
    internal const byte Nack = 1;

    /// <summary>transport-cc of RTPFB.</summary>
    internal const byte TransportCc = 15;

    /// <summary>PLI of PSFB.</summary>
    internal const byte PictureLoss = 1;

    /// <summary>FIR of PSFB.</summary>
    internal const byte FullIntraRequest = 4;

    /// <summary>Application layer feedback of PSFB: REMB.</summary>
    internal const byte ApplicationLayer = 15;
}
