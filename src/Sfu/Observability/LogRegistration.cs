using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Security;

namespace Sfu.Observability;

/// <summary>Logs go to standard output, as text or JSON, one line each, without secrets.</summary>
public static class LogRegistration
{
    /// <summary>Registers them.</summary>
    public static WebApplicationBuilder AddServerLogs(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConsole(console => console.FormatterName = LineFormatter.FormatterName);
        builder.Services.AddSingleton<ConsoleFormatter>(services => new LineFormatter(IsJson(services), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddOptions<LoggerFilterOptions>().Configure<IOptions<LogOptions>>((filter, log) => SetLevels(filter, log.Value.Level));
        return builder;
    }

    private static bool IsJson(IServiceProvider services) => services.GetRequiredService<IOptions<LogOptions>>().Value.Format switch
    {
        LogFormat.Text => false,
        LogFormat.Json => true,
        _ => services.GetRequiredService<ConfiguredKeys>().Keys.Count > 0,
    };

    private static void SetLevels(LoggerFilterOptions filter, LogLevel level)
    {
        // Frameworks tell everything twice; whoever looks for an error in them asks for debug or trace.
        LogLevel framework = level switch { LogLevel.Trace => LogLevel.Debug, LogLevel.Debug => LogLevel.Information, _ => Max(level, LogLevel.Warning) };
        filter.MinLevel = level;
        foreach (string category in new[] { "Microsoft", "System", "Orleans", "Polly" }) Add(category, framework);

        // These print request lines, which may hold a token.
        foreach (string category in new[] { "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.HttpLogging" })
        {
            Add(category, Max(level, LogLevel.Warning));
        }

        // They warn at every start of what is meant: no server GC, and a watchdog that was never fed before.
        foreach (string category in new[] { "Orleans.Runtime.Silo", "Orleans.Runtime.Watchdog" }) Add(category, Max(level, LogLevel.Error));

        // The host says itself when the page is missing.
        Add("Microsoft.AspNetCore.StaticFiles", Max(level, LogLevel.Error));

        // What it says of a failed start goes to standard error in one sentence; what it says of a start we say ourselves.
        Add("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        Add("Microsoft.Hosting.Lifetime", LogLevel.None);

        void Add(string category, LogLevel least) => filter.Rules.Add(new LoggerFilterRule(null, category, least, null));
    }

    private static LogLevel Max(LogLevel a, LogLevel b) => a > b ? a : b;
}
