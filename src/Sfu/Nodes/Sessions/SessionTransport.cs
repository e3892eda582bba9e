using System.Security.Cryptography;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Nodes.Workers;
using Sfu.Router.Workers;

namespace Sfu.Nodes.Sessions;

/// <summary>A session's one transport and what was agreed for it; a new peer connection gets a new one.</summary>
/// <remarks>Guarded by the room's gate.</remarks>
internal sealed class SessionTransport(TransportId id, RoomPlacement placement)
{
    /// <summary>Most SSRCs of one transport: beyond, the client must come with a new connection.</summary>
    private const int MaxSsrcs = 65_536;

    private readonly HashSet<uint> _ours = [0];
    private HashSet<uint> _theirs = [];

    /// <summary>Its number on the worker.</summary>
    internal TransportId Id { get; } = id;

    /// <summary>The worker that carries it, and the room there.</summary>
    internal RoomPlacement Placement { get; } = placement;

    /// <summary>The room's number on the worker.</summary>
    internal RoomId Room => Placement.Id;

    /// <summary>The worker that carries it.</summary>
    internal WorkerPort Port => Placement.Port;

    /// <summary>Session id of our answers, RFC 9429 section 5.3.1: 63 random bits.</summary>
    internal ulong SessionId { get; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) >> 1;

    /// <summary>Our credentials.</summary>
    internal IceCredentials Local { get; set; } = IceSecrets.New();

    /// <summary>The base the next offer is judged by; null before the first answer.</summary>
    internal NegotiatedSession? Agreed { get; set; }

    /// <summary>The sections, by index.</summary>
    internal IReadOnlyList<SessionSection> Sections { get; set; } = [];

    /// <summary>How it is connected; null until it is.</summary>
    internal TransportProtocol? Protocol { get; set; }

    /// <summary>It has used up its SSRCs.</summary>
    internal bool IsExhausted => _ours.Count >= MaxSsrcs;

    /// <summary>A new SSRC. None is used twice on a transport: its packet numbers would begin again under the same key.</summary>
    internal Ssrc NewSsrc()
    {
        uint value;
        do value = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        while (_theirs.Contains(value) || !_ours.Add(value));
        return new Ssrc(value);
    }

    /// <summary>Keeps new SSRCs apart from those the client announces.</summary>
    internal void Avoid(OfferView offer) =>
        _theirs = [.. offer.Sections.SelectMany(section => section.Description.Ssrcs).Select(line => line.Ssrc)];
}
