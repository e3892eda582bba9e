using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Sfu.Rest;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Rest;

/// <summary>The OpenAPI document says what the routes are, take and answer.</summary>
public sealed class OpenApiTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private TestServer Server => fixture.Server;

    [Fact]
    public async Task Document_EveryRoute_IsDescribedWithItsErrors()
    {
        JsonElement document = await ReadAsync();
        foreach (RouteEndpoint route in Server.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<RestRule>() is null) continue;
            string path = route.RoutePattern.RawText!;
            foreach (string method in route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods)
            {
                JsonElement operation = document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());
                Assert.NotEqual("", operation.GetProperty("summary").GetString());
                Assert.Contains("The token needs `", operation.GetProperty("description").GetString(), StringComparison.Ordinal);
                AssertParameters(path, operation);
                AssertResponses($"{method} {path}", operation);
            }
        }
    }

    [Fact]
    public async Task Document_ReadByTheStandardsReader_HasNoErrors()
    {
        Answer answer = await Server.SendAsync(HttpMethod.Get, "/openapi/v1.json");

        ReadResult read = OpenApiDocument.Parse(answer.Body, "json");

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Document!.Validate(ValidationRuleSet.GetDefaultRuleSet()));
    }

    [Fact]
    public async Task Document_OnlyTheBackEndInterface_IsInIt() =>
        Assert.All((await ReadAsync()).GetProperty("paths").EnumerateObject(), path => Assert.StartsWith("/v1/", path.Name, StringComparison.Ordinal));

    [Fact]
    public async Task Document_Schemas_DescribeEveryMember()
    {
        JsonElement schemas = (await ReadAsync()).GetProperty("components").GetProperty("schemas");
        Assert.True(schemas.EnumerateObject().Count() > 20);
        foreach (JsonProperty schema in schemas.EnumerateObject())
        {
            if (!schema.Value.TryGetProperty("properties", out JsonElement members)) continue;
            foreach (JsonProperty member in members.EnumerateObject())
            {
                bool described = member.Value.TryGetProperty("description", out _) || member.Value.TryGetProperty("$ref", out _)
                    || member.Value.TryGetProperty("oneOf", out _) || member.Name == "kind";
                Assert.True(described, $"{schema.Name}.{member.Name} is not described: {member.Value}");
            }
        }
    }

    [Fact]
    public async Task Document_Values_AreTheWordsOfTheInterface()
    {
        JsonElement schemas = (await ReadAsync()).GetProperty("components").GetProperty("schemas");

        Assert.Equal(["waiting", "joined"], Values(schemas, "ParticipantState"));
        Assert.Equal(["participant", "back_end", "server"], Values(schemas, "ActorType"));
        Assert.Contains("screen_share_audio", Values(schemas, "TrackSource"));
        Assert.Equal("kind", schemas.GetProperty("EventResource").GetProperty("discriminator").GetProperty("propertyName").GetString());
        Assert.Equal(15, schemas.GetProperty("EventResource").GetProperty("anyOf").GetArrayLength());
        JsonElement create = schemas.GetProperty("CreateRoomRequest");
        Assert.Equal(["name"], create.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.False(create.GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public async Task Document_Security_IsABearerToken()
    {
        JsonElement document = await ReadAsync();

        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        Assert.True(document.GetProperty("security")[0].TryGetProperty("token", out _));
    }

    private static IEnumerable<string?> Values(JsonElement schemas, string schema) =>
        schemas.GetProperty(schema).GetProperty("enum").EnumerateArray().Select(value => value.GetString());

    private static void AssertParameters(string path, JsonElement operation)
    {
        JsonElement[] parameters = operation.TryGetProperty("parameters", out JsonElement list) ? [.. list.EnumerateArray()] : [];
        foreach (string name in new[] { "room", "participant", "track", "recording", "derivation", "name" }.Where(name => path.Contains($"{{{name}}}", StringComparison.Ordinal)))
        {
            Assert.Contains(parameters, parameter => parameter.GetProperty("name").GetString() == name && parameter.GetProperty("in").GetString() == "path");
        }

        Assert.All(parameters, parameter => Assert.NotEqual("", parameter.GetProperty("description").GetString()));
    }

    private static void AssertResponses(string route, JsonElement operation)
    {
        JsonElement responses = operation.GetProperty("responses");
        Assert.Contains(responses.EnumerateObject(), response => response.Name is "200" or "201" or "202" or "204");
        foreach (string status in new[] { "401", "403", "429", "500" }) Assert.True(responses.TryGetProperty(status, out _), $"{route} does not describe {status}");
        if (operation.TryGetProperty("requestBody", out JsonElement body))
        {
            Assert.True(body.GetProperty("content").GetProperty("application/json").GetProperty("schema").TryGetProperty("$ref", out _), route);
            foreach (string status in new[] { "400", "413", "415" }) Assert.True(responses.TryGetProperty(status, out _), $"{route} does not describe {status}");
        }

        foreach (JsonProperty response in responses.EnumerateObject())
        {
            Assert.NotEqual("", response.Value.GetProperty("description").GetString());
            if (response.Name[0] is not ('4' or '5')) continue;
            Assert.Equal(
                "#/components/schemas/ApiProblem",
                response.Value.GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
        }
    }

    private async Task<JsonElement> ReadAsync()
    {
        Answer answer = await Server.SendAsync(HttpMethod.Get, "/openapi/v1.json");
        Assert.Equal(200, answer.Status);
        return answer.Json;
    }
}
