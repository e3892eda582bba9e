namespace Sfu.Media.Rtcp;

/// <summary>What an RTCP packet is, by type and format: which typed reader takes it.</summary>
public enum RtcpKind
{
    /// <summary>Not read here (APP, XR, unknown types and formats): skip it.</summary>
    Other = 0,

    /// <summary><see cref="Rtcp.SenderReport"/>.</summary>
    SenderReport,

    /// <summary><see cref="Rtcp.ReceiverReport"/>.</summary>
    ReceiverReport,

    /// <summary><see cref="Rtcp.SourceDescription"/>.</summary>
    SourceDescription,

    /// <summary><see cref="Rtcp.Goodbye"/>.</summary>
    Goodbye,

    /// <summary><see cref="NackFeedback"/> (RFC 4585 section 6.2.1).</summary>
    Nack,

    /// <summary><see cref="PictureLossIndication"/> (RFC 4585 section 6.3.1).</summary>
    PictureLoss,

    /// <summary><see cref="Rtcp.FullIntraRequest"/> (RFC 5104 section 4.3.1).</summary>
    FullIntraRequest,

    /// <summary><see cref="RembFeedback"/> (draft-alvestrand-rmcat-remb-03).</summary>
    Remb,

    /// <summary><see cref="TransportCcFeedback"/> (draft-holmer-rmcat-transport-wide-cc-extensions-01).</summary>
    TransportCc,
}
