using Sfu.Rooms;

namespace Sfu.Signalling.Http;

/// <summary>One of the three addresses of WHIP and WHEP, as a request names it.</summary>
/// <param name="Protocol">WHIP or WHEP.</param>
/// <param name="Room">The room's name, not checked.</param>
/// <param name="Identity">Whom a player plays; null for WHIP and for the room's mix.</param>
/// <param name="SessionId">The session; null for the endpoint itself.</param>
internal sealed record HttpSignal(ClientProtocol Protocol, string Room, string? Identity, string? SessionId)
{
    /// <summary>A player of everything: not there yet.</summary>
    public bool IsMix => Protocol == ClientProtocol.Whep && Identity is null;

    /// <summary>Address of the endpoint, without host, escaped.</summary>
    public string Path
    {
        get
        {
            string endpoint = $"/{(Protocol == ClientProtocol.Whip ? "whip" : "whep")}/{Uri.EscapeDataString(Room)}";
            return Identity is null ? endpoint : $"{endpoint}/{Uri.EscapeDataString(Identity)}";
        }
    }

    /// <summary>Reads it from the route.</summary>
    public static HttpSignal Of(HttpContext context, ClientProtocol protocol) => new(
        protocol,
        (string?)context.GetRouteValue("room") ?? "",
        (string?)context.GetRouteValue("identity"),
        (string?)context.GetRouteValue("session"));
}
