using Microsoft.Extensions.Options;
using Sfu.Configuration;

namespace Sfu.Security;

/// <summary>Registers API keys and tokens.</summary>
public static class SecurityRegistration
{
    /// <summary>Registers <see cref="ApiKeyRing"/>, <see cref="ITokenValidator"/> and the development tokens.</summary>
    public static WebApplicationBuilder AddSecurity(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new ConfiguredKeys(ApiKeyReader.Read(builder.Configuration)));
        builder.Services.AddSingleton(MakeRing);
        builder.Services.AddSingleton<ITokenValidator, TokenValidator>();
        builder.Services.AddSingleton<TokenIssuer>();
        return builder;
    }

    /// <summary>Without configured keys the validator of <see cref="HttpOptions"/> lets only loopback pass: this is a development server.</summary>
    private static ApiKeyRing MakeRing(IServiceProvider services)
    {
        IReadOnlyList<ApiKey> configured = services.GetRequiredService<ConfiguredKeys>().Keys;
        if (configured.Count > 0) return new ApiKeyRing(configured, isDevelopment: false);

        _ = services.GetRequiredService<IOptions<HttpOptions>>().Value;
        return new ApiKeyRing(
            [DevelopmentSecret.LoadOrCreate(services.GetRequiredService<IOptions<ServerOptions>>().Value.DataDirectory)], isDevelopment: true);
    }
}
