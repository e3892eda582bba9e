using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Chooses the header extensions of a section.</summary>
internal static class ExtensionNegotiator
{
    public static HeaderExtensionMap ForPublish(OfferSection section, MediaKind kind, ServerCapabilities server) =>
        Choose(section, server.ExtensionsFor(kind), SdpDirection.SendOnly, isWritten: false);

    /// <summary>RIDs name a publisher's encodings; a consumer is one stream.</summary>
    public static HeaderExtensionMap ForConsumer(OfferSection section, MediaKind kind, ServerCapabilities server) => Choose(
        section,
        [.. server.ExtensionsFor(kind).Where(wanted => wanted is not (HeaderExtensionKind.Rid or HeaderExtensionKind.RepairedRid))],
        SdpDirection.RecvOnly,
        isWritten: true);

    public static HeaderExtensionMap ForIdle(OfferSection section, MediaKind kind, ServerCapabilities server) =>
        Choose(section, server.ExtensionsFor(kind), SdpDirection.Inactive, isWritten: false);

    private static HeaderExtensionMap Choose(
        OfferSection section, IReadOnlyList<HeaderExtensionKind> wanted, SdpDirection needed, bool isWritten)
    {
        var chosen = new List<KeyValuePair<byte, HeaderExtensionKind>>();
        foreach (OfferedExtension extension in section.Extensions)
        {
            bool isUsable = ((extension.Direction ?? SdpDirection.SendRecv) & needed) == needed && !(isWritten && extension.IsAmbiguous);
            if (isUsable && wanted.Contains(extension.Kind)) chosen.Add(new(extension.Id, extension.Kind));
        }

        // The absolute send time only serves receiver-side estimation, which transport-cc replaces: four bytes saved per packet.
        if (chosen.Exists(entry => entry.Value == HeaderExtensionKind.TransportCc))
            chosen.RemoveAll(entry => entry.Value == HeaderExtensionKind.AbsSendTime);
        return chosen.Count == 0 ? HeaderExtensionMap.Empty : new HeaderExtensionMap(chosen);
    }
}
