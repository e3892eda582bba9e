using System.Text;
using Sfu.Media.Codecs;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;

namespace Sfu.Fuzz.Targets;

/// <summary>Offers: read, resolved, answered, and offered again. What is written reads back as the same text.</summary>
internal sealed class SdpTarget : FuzzTarget
{
    private static readonly ServerDescription Server = new(
        1, new IceCredentials("serverufrag", "serverpasswordserverpass"), new DtlsFingerprint("sha-256", new byte[32]),
        ["1 1 udp 2130706431 192.0.2.1 7882 typ host"]);

    private static readonly CodecFormat[] Opus = [new(MediaCodec.Opus, 111, 48000, 2, "minptime=10;useinbandfec=1", null, CodecFeedback.TransportCc)];
    private static readonly CodecFormat[] Vp8 = [new(MediaCodec.Vp8, 96, 90000, 0, "", 97, CodecFeedback.Nack | CodecFeedback.Pli)];

    public override string Name => "sdp";

    public override string SeedKind => "sdp";

    public override bool IsText => true;

    public override int MaxLength => 16 * 1024;

    // Two offers are resolved and two answers made. Each of at most 256 sections costs tables by payload type and extension id, about
    // 10 KiB each time, whatever its length; the shortest live section is some 45 bytes.
    public override long AllocationLimit(int length) => 256 * 1024 + 512L * length;

    public override IEnumerable<byte[]> Seeds() => Targets.Seeds.Sdp();

    public override long Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        if (!SessionDescription.TryParse(text, out SessionDescription? description, out SdpError? error)) return FieldOf(error);
        CheckFixpoint(description);
        if (!OfferView.TryRead(description, null, out OfferView? offer, out error)) return 1_000_000 + FieldOf(error);
        SdpAnswer answer = Answer(offer);
        CheckAnswer(offer, answer);
        Oracle.That(OfferView.TryRead(description, answer.Session, out OfferView? again, out error), "the same offer is refused the second time", error);
        Oracle.That(!again.IsIceRestart, "the same offer is an ICE restart the second time");
        SdpAnswer second = Answer(again);
        Oracle.That(second.Session.Version == answer.Session.Version + 1, "the second answer has not the next version");
        int accepted = answer.Session.Sections.Count(section => !section.IsRejected);
        int encodings = offer.Sections.Sum(section => section.Encodings.Count), codecs = answer.Session.Sections.Sum(section => section.Codecs.Count);
        return 2_000_000 + Math.Min(accepted, 9) + 10 * Math.Min(encodings, 20) + 200 * Math.Min(codecs, 60);
    }

    private static void CheckFixpoint(SessionDescription description)
    {
        string written = description.ToString();
        if (written.Length > SdpLimits.MaxCharacters) return;                 // the canonical form may be longer than what was read
        Oracle.That(SessionDescription.TryParse(written, out SessionDescription? again, out SdpError? error), "what was written is refused", error);
        Oracle.That(again.ToString() == written, "what was written reads differently");
    }

    private static void CheckAnswer(OfferView offer, SdpAnswer answer)
    {
        SessionDescription description = answer.Description;
        CheckFixpoint(description);
        Oracle.That(description.MediaSections.Count == offer.Sections.Count, "the answer has another number of sections");
        Oracle.That(description.BundleMids.All(mid => offer.FindSection(mid) is not null), "the answer bundles a section that is not live");
        for (int i = 0; i < offer.Sections.Count; i++)
        {
            MediaSection section = description.MediaSections[i];
            Oracle.That(section.Mid == offer.Sections[i].Mid && section.Media == offer.Sections[i].Description.Media, "a section answers another");
            Oracle.That(section.Port == 0 || offer.Sections[i].IsMedia, "a section that cannot be served is accepted");
            Oracle.That(section.PayloadTypes.All(offer.Sections[i].Description.PayloadTypes.Contains), "a payload type is answered that was not offered");
        }
    }

    private static SdpAnswer Answer(OfferView offer) =>
        AnswerBuilder.Build(offer, [.. offer.Sections.Select(Decide)], Server, ServerCapabilities.Default);

    private static SectionDecision Decide(OfferSection section)
    {
        PublishSelection? publish = null;
        ConsumerAssignment? consume = null;
        if (CodecNegotiator.TryPublish(section, ServerCapabilities.Default, out PublishSelection? selection, out _)) publish = selection;
        CodecFormat[] producer = section.Kind == SectionKind.Audio ? Opus : Vp8;
        if (CodecNegotiator.TryConsume(section, producer, ServerCapabilities.Default, out ConsumerSelection? consumer, out _))
            consume = new ConsumerAssignment(consumer, new Ssrc(1), new Ssrc(2), "stream", "track", "cname");
        return publish is null && consume is null && !section.IsLive ? SectionDecision.Reject : new SectionDecision(false, publish, consume);
    }

    private static long FieldOf(SdpError error) => (long)error.Code * 1000 + Math.Abs(string.GetHashCode(error.Field, StringComparison.Ordinal) % 997);
}
