using System.Net;
using Sfu.Security;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling.Http;

/// <summary>Checks the token of a WHIP or WHEP request.</summary>
internal sealed class HttpAuthentication(ITokenValidator tokens, AddressLimits limits)
{
    /// <summary>Who asks; exactly one of the two is set.</summary>
    public async Task<(Admission? Entry, HttpRefusal? Refusal)> AuthenticateAsync(HttpContext context)
    {
        IPAddress? address = context.Connection.RemoteIpAddress;
        if (!limits.MayTry(address, out TimeSpan wait))
            return (null, new HttpRefusal(429, ErrorCodes.Limit, "Too many bad tokens came from this address.", wait));
        string? text = BearerToken.Read(context.Request);
        TokenOutcome outcome = await tokens.ValidateAsync(text);
        if (outcome.Token is not { } token)
        {
            if (text is not null) limits.Failed(address);
            return (null, new HttpRefusal(401, ErrorCodes.Unauthorized, outcome.Problem ?? "The token is not good."));
        }

        Admission? entry = Admission.From(token, out string problem);
        return (entry, entry is null ? new HttpRefusal(403, ErrorCodes.Forbidden, problem) : null);
    }
}
