using System.Diagnostics.CodeAnalysis;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Checks one offer and resolves it into an <see cref="OfferView"/>.</summary>
internal sealed class OfferReader(SessionDescription offer, NegotiatedSession? previous)
{
    private readonly List<string> _bundleMids = [];
    private readonly string?[] _extensionUris = new string?[256];
    private readonly bool[] _isAmbiguous = new bool[256];
    private MediaSection? _tagged;

    public bool TryRead([NotNullWhen(true)] out OfferView? view, [NotNullWhen(false)] out SdpError? error)
    {
        view = null;
        bool[] live = [.. offer.MediaSections.Select(IsLive)];
        error = CheckSession(live)
            ?? CheckSections(live)
            ?? OfferContinuity.Check(offer, live, previous)
            ?? Resolve(live, out view);
        return view is not null;
    }

    // RFC 9143 section 6: port 0 closes a section unless it is bundle-only, which is how Firefox and GStreamer write all but the first.
    private static bool IsLive(MediaSection section) =>
        (section.Port != 0 || section.BundleOnly)
        && (KindOf(section) is SectionKind.Data || section.Protocol.Contains("SAVP", StringComparison.Ordinal));

    private static SectionKind KindOf(MediaSection section) => section.Media switch
    {
        "audio" when section.IsRtp => SectionKind.Audio,
        "video" when section.IsRtp => SectionKind.Video,
        "application" when !section.IsRtp => SectionKind.Data,
        _ => SectionKind.Other,
    };

    private SdpError? CheckSession(bool[] live)
    {
        if (offer.IceLite)
            return new(SdpErrorCode.Unsupported, 0, "ice-lite", "The server is ICE-lite itself: the client must run full ICE.");
        // A client that stops everything it had must still be answered (RFC 3264 section 8.2).
        if (previous is null && Array.IndexOf(live, true) < 0)
            return new(SdpErrorCode.Missing, 0, "m", "The offer has no section that could be used.");
        bool isGrouped = offer.BundleMids.Count > 0;
        if (!isGrouped && live.Count(isLive => isLive) > 1)
            return new(SdpErrorCode.Missing, 0, "group", "Several sections need a BUNDLE group: the server has one transport per client.");
        return null;
    }

    private SdpError? CheckSections(bool[] live)
    {
        var byMid = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < live.Length; i++)
        {
            MediaSection section = offer.MediaSections[i];
            if (!live[i]) continue;
            if (section.Mid is null) return Error(section, SdpErrorCode.Missing, "mid", "A live section needs a mid.");
            if (!byMid.TryAdd(section.Mid, i)) return Error(section, SdpErrorCode.Conflict, "mid", "Two live sections have the same mid.");
            if (section.IsRtp && !section.RtcpMux)
                return Error(section, SdpErrorCode.Unsupported, "rtcp-mux", "RTP and RTCP must share one port.");
            if ((section.Setup ?? offer.Setup) is SdpSetup.Passive or SdpSetup.Holdconn)
                return Error(section, SdpErrorCode.Unsupported, "setup", "The server is the DTLS server: offer actpass or active.");
            if (CountSources(section) > SdpLimits.MaxSsrcs)
                return Error(section, SdpErrorCode.TooManyValues, "ssrc", $"More than {SdpLimits.MaxSsrcs} sources in one section.");
        }

        return ResolveBundle(live, byMid);
    }

    private SdpError? ResolveBundle(bool[] live, Dictionary<string, int> byMid)
    {
        IReadOnlyList<string> group = offer.BundleMids.Count > 0 ? offer.BundleMids : [.. byMid.Keys];
        var isBundled = new bool[live.Length];
        foreach (string mid in group)
        {
            // A mid of a closed section, or of none, may linger in the group; it just does not count.
            if (!byMid.TryGetValue(mid, out int index) || isBundled[index]) continue;
            isBundled[index] = true;
            _bundleMids.Add(mid);
            _tagged ??= offer.MediaSections[index];
        }

        for (int i = 0; i < live.Length; i++) live[i] &= isBundled[i];
        return _tagged is not null || byMid.Count == 0 ? null : new(SdpErrorCode.Missing, 0, "group", "No live section is in the BUNDLE group.");
    }

    private static int CountSources(MediaSection section)
    {
        var distinct = new HashSet<uint>();
        foreach (SsrcLine line in section.Ssrcs)
        {
            distinct.Add(line.Ssrc);
            if (distinct.Count > SdpLimits.MaxSsrcs) break;
        }

        return distinct.Count;
    }

    private SdpError? Resolve(bool[] live, out OfferView? view)
    {
        view = null;
        if (_tagged is not { } tagged)
        {
            view = ViewWith(live, previous!.RemoteIce, previous.RemoteFingerprints, isRestart: false);
            return null;
        }

        if ((tagged.IceUfrag ?? offer.IceUfrag) is not { } ufrag)
            return Error(tagged, SdpErrorCode.Missing, "ice-ufrag", "The ICE user name fragment is missing.");
        if ((tagged.IcePassword ?? offer.IcePassword) is not { } password)
            return Error(tagged, SdpErrorCode.Missing, "ice-pwd", "The ICE password is missing.");
        IReadOnlyList<DtlsFingerprint> fingerprints = tagged.Fingerprints.Count > 0 ? tagged.Fingerprints : offer.Fingerprints;
        if (fingerprints.Count == 0) return Error(tagged, SdpErrorCode.Missing, "fingerprint", "A SHA-256, SHA-384 or SHA-512 fingerprint is needed.");
        if (OfferContinuity.CheckFingerprints(fingerprints, previous) is { } changed) return changed;
        view = ViewWith(live, new IceCredentials(ufrag, password), fingerprints, IsRestart(live));
        return null;
    }

    private OfferView ViewWith(bool[] live, IceCredentials ice, IReadOnlyList<DtlsFingerprint> fingerprints, bool isRestart)
    {
        FindAmbiguousExtensions(live);
        OfferSection[] sections = [.. offer.MediaSections.Select((section, i) => ResolveSection(i, section, live[i]))];
        return new OfferView(offer, previous, sections, _bundleMids, ice, fingerprints, isRestart);
    }

    // A client that gives every bundled section credentials of its own (aiortc) has not restarted as long as one keeps the old ones.
    private bool IsRestart(bool[] live)
    {
        if (previous is null) return false;
        for (int i = 0; i < live.Length; i++)
        {
            MediaSection section = offer.MediaSections[i];
            if (live[i] && (section.IceUfrag ?? offer.IceUfrag) == previous.RemoteIce.Ufrag
                && (section.IcePassword ?? offer.IcePassword) == previous.RemoteIce.Password) return false;
        }

        return true;
    }

    private void FindAmbiguousExtensions(bool[] live)
    {
        for (int i = 0; i < live.Length; i++)
        {
            if (!live[i]) continue;
            foreach (ExtMap map in ExtMapsOf(offer.MediaSections[i]))
            {
                string? known = _extensionUris[map.Id] ??= map.Uri;
                _isAmbiguous[map.Id] |= known != map.Uri;
            }
        }
    }

    private IEnumerable<ExtMap> ExtMapsOf(MediaSection section) => section.ExtMaps.Concat(offer.ExtMaps);

    private OfferSection ResolveSection(int index, MediaSection section, bool isLive)
    {
        SectionKind kind = KindOf(section);
        bool isMedia = isLive && (kind is SectionKind.Audio or SectionKind.Video);
        SdpDirection direction = section.Direction ?? offer.Direction ?? SdpDirection.SendRecv;
        bool sends = isMedia && (direction & SdpDirection.SendOnly) != 0;
        return new OfferSection(
            index, section, kind, isLive, direction,
            isMedia ? CodecListReader.Read(section, kind) : [],
            isMedia ? ReadExtensions(section) : [],
            sends ? EncodingListReader.Read(section) : []);
    }

    private List<OfferedExtension> ReadExtensions(MediaSection section)
    {
        var extensions = new List<OfferedExtension>();
        var seen = new bool[256];
        foreach (ExtMap map in ExtMapsOf(section))
        {
            if (seen[map.Id]) continue;
            seen[map.Id] = true;
            HeaderExtensionKind kind = ExtensionUris.KindOf(map.Uri);
            if (kind == HeaderExtensionKind.Unknown || extensions.Exists(known => known.Kind == kind)) continue;
            extensions.Add(new OfferedExtension(map.Id, kind, map.Direction, _isAmbiguous[map.Id]));
        }

        return extensions;
    }

    private static SdpError Error(MediaSection section, SdpErrorCode code, string field, string message) => new(code, section.Line, field, message);
}
