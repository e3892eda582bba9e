using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sfu.Rest;

/// <summary>The interface for back ends: <c>/v1</c> and its description at <c>/openapi/v1.json</c>.</summary>
public static class RestRegistration
{
    /// <summary>Registers it.</summary>
    public static WebApplicationBuilder AddRest(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IRooms>(services => new GrainRooms(services.GetRequiredService<IGrainFactory>()));
        builder.Services.ConfigureHttpJsonOptions(json => SetStrict(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // so that the problem can name the field
        builder.Services.AddApiDescription();
        return builder;
    }

    /// <summary>Maps the routes; the checks of <see cref="RestAuthentication"/> must be in the pipeline.</summary>
    public static void MapRest(this WebApplication app)
    {
        RouteGroupBuilder routes = app.MapGroup(RestAuthentication.Prefix);
        routes.MapGroup("").WithTags("rooms").MapRooms();
        routes.MapGroup("").WithTags("participants").MapParticipants();
        routes.MapGroup("").WithTags("moderation").MapModeration();
        routes.MapGroup("").WithTags("events").MapEvents();
        routes.MapGroup("").WithTags("recordings").MapRecordings();
        routes.MapGroup("").WithTags("recordings").MapEvidence();
        routes.MapGroup("").WithTags("recordings").MapDerivations();
        app.MapOpenApi();
    }

    /// <summary>Strict reading as docs/threats.md T22 asks: no duplicate, unknown, mistyped or missing member; camelCase names, snake_case values.</summary>
    internal static void SetStrict(JsonSerializerOptions json)
    {
        json.MaxDepth = 16;
        json.PropertyNameCaseInsensitive = false;
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.AllowDuplicateProperties = false;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }
}
