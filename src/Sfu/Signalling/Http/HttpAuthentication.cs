using Sfu.Security;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Http;

/// <summary>Checks the token of a WHIP or WHEP request.</summary>
internal static class HttpAuthentication
{
    /// <summary>Who asks; exactly one of the two is set.</summary>
    public static async Task<(Admission? Entry, HttpRefusal? Refusal)> AuthenticateAsync(HttpContext context, ITokenValidator tokens)
    {
        TokenOutcome outcome = await tokens.ValidateAsync(BearerToken.Of(context.Request));
        if (outcome.Token is not { } token) return (null, new HttpRefusal(401, ErrorCodes.Unauthorized, outcome.Problem ?? "The token is not good."));
        Admission? entry = Admission.From(token, out string problem);
        return (entry, entry is null ? new HttpRefusal(403, ErrorCodes.Forbidden, problem) : null);
    }
}
