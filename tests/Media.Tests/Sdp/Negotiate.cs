using Sfu.Media.Codecs;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Media.Tests.Sdp;

/// <summary>What a control plane does with an offer, in the plainest form, for tests.</summary>
internal static class Negotiate
{
    public static readonly ServerDescription Server = new(
        4611686018427387904, new IceCredentials("serverufrag", "serverpasswordserverpass"),
        new DtlsFingerprint("sha-256", Enumerable.Range(1, 32).Select(i => (byte)i).ToArray()),
        ["1 1 udp 2130706431 192.0.2.1 7882 typ host", "2 1 tcp 1518280447 192.0.2.1 7881 typ host tcptype passive"]);

    /// <summary>What a Chromium publisher sends.</summary>
    public static readonly IReadOnlyList<CodecFormat> Opus =
        [new CodecFormat(MediaCodec.Opus, 111, 48000, 2, "minptime=10;useinbandfec=1", null, CodecFeedback.TransportCc)];

    public static readonly IReadOnlyList<CodecFormat> Vp8 =
        [new CodecFormat(MediaCodec.Vp8, 96, 90000, 0, "", 97, CodecFeedback.Nack | CodecFeedback.Pli | CodecFeedback.Fir | CodecFeedback.TransportCc)];

    public static SessionDescription Parse(string text) =>
        SessionDescription.TryParse(text, out SessionDescription? description, out SdpError? error)
            ? description : throw new InvalidOperationException(error.ToString());

    public static OfferView View(string text, NegotiatedSession? previous = null) =>
        OfferView.TryRead(Parse(text), previous, out OfferView? view, out SdpError? error) ? view : throw new InvalidOperationException(error.ToString());

    public static SdpError Refused(string text, NegotiatedSession? previous = null)
    {
        Assert.False(OfferView.TryRead(Parse(text), previous, out OfferView? view, out SdpError? error));
        Assert.Null(view);
        return error;
    }

    /// <summary>Takes what is sent; where nothing is sent, offers a Chromium publisher's track; leaves the rest idle.</summary>
    public static SdpAnswer Answer(OfferView offer, ServerDescription? server = null) =>
        AnswerBuilder.Build(offer, [.. offer.Sections.Select(Decide)], server ?? Server, ServerCapabilities.Default);

    public static PublishSelection Publish(OfferSection section, ServerCapabilities? server = null)
    {
        Assert.True(CodecNegotiator.TryPublish(section, server ?? ServerCapabilities.Default, out PublishSelection? selection, out NegotiationFailure failure), failure.ToString());
        return selection;
    }

    public static ConsumerSelection Consume(OfferSection section, IReadOnlyList<CodecFormat> producer)
    {
        Assert.True(CodecNegotiator.TryConsume(section, producer, ServerCapabilities.Default, out ConsumerSelection? selection, out NegotiationFailure failure), failure.ToString());
        return selection;
    }

    public static ConsumerAssignment Assign(OfferSection section, IReadOnlyList<CodecFormat> producer) => new(
        Consume(section, producer), new Ssrc(1000u + (uint)section.Index), new Ssrc(2000u + (uint)section.Index), "PA_alice", $"TR_{section.Index}", "alice");

    private static SectionDecision Decide(OfferSection section) =>
        section.CanSend ? SectionDecision.Take(Publish(section))
        : section.CanReceive ? SectionDecision.Send(Assign(section, section.Kind == SectionKind.Audio ? Opus : Vp8))
        : section.IsLive ? SectionDecision.Idle : SectionDecision.Reject;
}
