using System.Reflection;
using Sfu.Rooms;
using Sfu.Security;

namespace Sfu.Rest;

/// <summary>An authenticated and allowed request: who asks, and about which room.</summary>
public sealed class RestCall
{
    /// <summary>The token.</summary>
    public required AccessToken Token { get; init; }

    /// <summary>The room of the path; null when the path has none, or none that can exist.</summary>
    public required RoomKey? Room { get; init; }

    /// <summary>Who the log says it was.</summary>
    public RoomActor By => RoomActor.BackEnd(Token.ApiKey);

    /// <summary>Handed to routes by <see cref="RestAuthentication"/>; routes that are not behind it have none.</summary>
    public static ValueTask<RestCall?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return ValueTask.FromResult(context.Features.Get<RestCall>());
    }
}
