using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Registers the options of the server, each with its section and its validator, checked before anything starts.</summary>
public static class ConfigurationRegistration
{
    /// <summary>Registers the options of hosting, security and media addresses. Rooms, cluster and signalling register their own.</summary>
    public static IServiceCollection AddServerOptions(this IServiceCollection services) => services
        .AddSection<ServerOptions, ServerOptionsValidator>()
        .AddSection<HttpOptions, HttpOptionsValidator>()
        .AddSection<TokenOptions, TokenOptionsValidator>()
        .AddSection<MetricsOptions, MetricsOptionsValidator>()
        .AddSection<LogOptions, LogOptionsValidator>()
        .AddSection<RecordingOptions, RecordingOptionsValidator>()
        .AddSection<RecordingDiskOptions, RecordingDiskOptionsValidator>()
        .AddSection<MediaOptions, MediaOptionsValidator>();

    /// <summary>Binds one options class to its section (<see cref="OptionSection.PathOf"/>) and checks it at the start.</summary>
    public static IServiceCollection AddSection<TOptions, TValidator>(this IServiceCollection services)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        services.AddOptions<TOptions>().BindConfiguration(OptionSection.PathOf(typeof(TOptions))).ValidateOnStart();
        return services;
    }
}
