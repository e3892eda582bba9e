namespace Sfu.Rest;

/// <summary>What every route of the back-end interface says about itself, for the checks and the OpenAPI document.</summary>
internal static class RouteText
{
    /// <summary>The grant that it needs.</summary>
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, Grant grant) =>
        route.WithMetadata(new RestRule(grant)).Refuses(401, 403, 429, 500);

    /// <summary>Its summary and description.</summary>
    public static RouteHandlerBuilder Says(this RouteHandlerBuilder route, string summary, string description) =>
        route.WithSummary(summary).WithDescription(description);

    /// <summary>The statuses of its problems.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (int status in statuses) route.Produces<ApiProblem>(status, ApiProblem.ContentType);
        return route;
    }
}
