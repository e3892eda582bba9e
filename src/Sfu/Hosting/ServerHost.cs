using System.Reflection;
using System.Runtime;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Health;
using Sfu.Media.Native;
using Sfu.Nodes;
using Sfu.Observability;
using Sfu.Rest;
using Sfu.Rooms;
using Sfu.Security;
using Sfu.Signalling;

namespace Sfu.Hosting;

/// <summary>Builds and runs the server: the one place where all parts are put together.</summary>
public static class ServerHost
{
    /// <summary>The version, as in the build's properties.</summary>
    public static string Version { get; } =
        typeof(ServerHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Runs until SIGTERM or Ctrl-C.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="output">Takes help and version; null = standard output.</param>
    /// <param name="error">Takes why it cannot run; null = standard error.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null)
    {
        output ??= Console.Out;
        error ??= Console.Error;
        string? asked = args.Any(arg => arg is "--help" or "-h") ? CommandLine.Help : args is ["--version"] ? Version : null;
        if (asked is not null)
        {
            await output.WriteLineAsync(asked).ConfigureAwait(false);
            return ExitCode.Done;
        }

        _ = NativeHeap.GiveBack();                         // another C library has ways of its own
        try
        {
            await using WebApplication app = Build(args);
            GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency; // a full collection that stops packets is the last resort
            PortCheck.Check(OptionsOf<HttpOptions>(app), OptionsOf<MediaOptions>(app));
            using var signals = new StopSignals();
            app.Services.GetRequiredService<WarmUp>().Begin();
            await StartAsync(app, output).ConfigureAwait(false);
            await app.WaitForShutdownAsync().ConfigureAwait(false);
            return signals.WasTold ? ExitCode.Done : ExitCode.Internal; // a part that failed has stopped the host, and logged why
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            (int code, IReadOnlyList<string> sentences) = StartUpFailure.Explain(e);
            foreach (string sentence in sentences) await error.WriteLineAsync($"error: {sentence}").ConfigureAwait(false);
            return code;
        }
    }

    /// <summary>Builds the server; nothing is opened or started.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="adapt">Changes registrations last; for tests.</param>
    /// <exception cref="StartUpException">A setting is wrong.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adapt = null)
    {
        WebApplicationBuilder builder = CreateBuilder(args);
        CheckConfiguration(args, builder.Configuration);

        builder.Services.AddServerOptions();
        builder.Services.AddSingleton<TimeProvider, HostClock>();
        builder.Services.AddSingleton<WarmUp>();
        builder.Services.AddSingleton<CertificateStore>();
        builder.Services.AddHostedService<SteadyCollector>();
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelSetup>();
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<ServerOptions>>((host, server) => host.ShutdownTimeout = server.Value.ShutdownTimeout);
        builder.AddServerLogs().AddSecurity().AddObservability().AddHealth().AddRest();
        builder.AddRooms().AddMediaNode().AddSignalling();
        adapt?.Invoke(builder);

        WebApplication app = builder.Build();
        // All options are checked here, before anything is opened, so that no half-started part logs about it.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        MapAll(app, app.Services.GetRequiredService<ApiKeyRing>());
        return app;
    }

    private static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // Only the sources that docs/api.md names; nothing depends on the working directory or on ASPNETCORE_ variables.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(ServerHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.Configuration
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddEnvironmentVariables()
            .AddCommandLine(args);
        ConfigurationCheck.SplitLists(builder.Configuration);
        builder.WebHost.UseKestrel();
        builder.Services.AddRouting();
        return builder;
    }

    private static void CheckConfiguration(string[] args, IConfiguration configuration)
    {
        List<string> problems = [];
        if (CommandLine.Check(args) is { } wrong) problems.Add(wrong);
        problems.AddRange(ConfigurationCheck.FindUnknown(configuration));
        problems.AddRange(ConfigurationCheck.FindMistyped(configuration));
        problems.AddRange(ApiKeyReader.Check(configuration));
        if (problems.Count > 0) throw new StartUpException(ExitCode.Configuration, problems);
    }

    private static void MapAll(WebApplication app, ApiKeyRing keys)
    {
        app.UseCommonHeaders();
        app.UseProblems();
        app.UseStaticPage();
        app.UseRouting(); // here, so that the check below knows which route it guards
        app.UseRestAuthentication();
        app.MapHealth();
        app.MapServerMetrics();
        app.MapDevelopmentTokens(keys);
        app.MapRest();
        app.MapSignalling();
        _ = app.Services.GetRequiredService<EndpointDataSource>().Endpoints; // a route that cannot be built ends the start, not every request
    }

    /// <summary>Ends in order what did start; why it did not start is what is told in the end, not what that leads to.</summary>
    private static async Task EndAsync(WebApplication app, ILogger log, Exception cause)
    {
        try
        {
            await app.StopAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e != cause)              // a host whose parts could not even be made cannot stop them
        {
            log.StopAfterFailureFailed(e);
        }
    }

    /// <summary>Starts it and says where it listens.</summary>
    /// <param name="app">What <see cref="Build"/> made.</param>
    /// <param name="output">Takes the address of a development server; null = nothing.</param>
    public static async Task StartAsync(WebApplication app, TextWriter? output = null)
    {
        ILogger log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Sfu.Hosting");
        HttpOptions http = OptionsOf<HttpOptions>(app);
        app.Lifetime.ApplicationStopping.Register(log.Stopping);
        app.Lifetime.ApplicationStopped.Register(log.Stopped);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await EndAsync(app, log, e).ConfigureAwait(false);
            throw;
        }

        string url = app.Urls.First();
        log.Listening(url, Version, Path.GetFullPath(OptionsOf<ServerOptions>(app).DataDirectory));
        if (!app.Environment.WebRootFileProvider.GetFileInfo("index.html").Exists) log.NoPage();
        if (http.AllowPlain && http.Certificate.Length == 0) log.PlainHttp(http.Address);
        if (output is not null && app.Services.GetRequiredService<ApiKeyRing>().IsDevelopment)
        {
            await output.WriteLineAsync($"\n  Development server, for this machine only. Open {url}/\n").ConfigureAwait(false);
        }
    }

    private static T OptionsOf<T>(WebApplication app)
        where T : class => app.Services.GetRequiredService<IOptions<T>>().Value;
}
