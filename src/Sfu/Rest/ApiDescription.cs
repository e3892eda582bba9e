using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sfu.Hosting;

namespace Sfu.Rest;

/// <summary>The OpenAPI document of the back-end interface, made from the routes themselves.</summary>
internal static class ApiDescription
{
    private const string Scheme = "token";

    /// <summary>Registers it.</summary>
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<RestRule>().Any();
        options.AddDocumentTransformer(Describe);
        options.AddOperationTransformer(DescribeOperation);
    });

    private static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Sfu back-end interface",
            Version = ServerHost.Version,
            Description = "Rooms, participants, events and recordings, for the servers of an application. Times are Unix milliseconds. "
                + "Unknown, duplicate and mistyped members of a request are refused. See docs/api.md.",
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "Access token: HS256 with the secret of an API key (iss), grants in `video`.",
            },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        return Task.CompletedTask;
    }

    private static Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        RestRule rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<RestRule>().First();
        operation.Description = $"{operation.Description} The token needs {rule.Text}.";
        var responses = new OpenApiResponses();
        foreach ((string status, IOpenApiResponse response) in (operation.Responses ?? []).OrderBy(response => response.Key, StringComparer.Ordinal))
        {
            response.Description = MeaningOf(status);
            responses.Add(status, response);
        }

        operation.Responses = responses;
        return Task.CompletedTask;
    }

    private static string MeaningOf(string status) => status switch
    {
        "200" => "Done.",
        "201" => "Created; `Location` names it.",
        "202" => "Begun; `Location` names it.",
        "204" => "Done; asking twice is harmless.",
        "400" => "`bad_request`: `field` names what is wrong.",
        "401" => "`unauthorized`: no token, or one that is not valid.",
        "403" => "`forbidden`: the token does not have the grant.",
        "404" => "`not_found`: no such room, participant, track, recording or file.",
        "409" => "`bad_state`: not in this state of the room, participant or recording.",
        "413" => "`too_large`: the body is over 1 MiB.",
        "415" => "`unsupported_media_type`: the body must be `application/json`.",
        "429" => "`limit`: a limit is reached, or too many tokens of this address were refused; see `Retry-After`.",
        "503" => "`try_again`, `draining` or `recording_unavailable`: see `Retry-After`.",
        _ => "`internal`: an error of the server; it is logged.",
    };
}
