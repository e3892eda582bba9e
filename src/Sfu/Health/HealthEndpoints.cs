namespace Sfu.Health;

/// <summary><c>/healthz/live</c> and <c>/healthz/ready</c>.</summary>
public static class HealthEndpoints
{
    /// <summary>Registers the checks.</summary>
    public static WebApplicationBuilder AddHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<WorkerWatch>();
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WorkerWatch>());
        return builder;
    }

    /// <summary>Maps the routes.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz/live", (HttpContext context, WorkerWatch workers) =>
            Answer(context, workers.FindStuck(WorkerWatch.LiveLimit) is { } stuck ? [stuck] : [])).ExcludeFromDescription();
        app.MapGet("/healthz/ready", async (HttpContext context, Readiness readiness, CancellationToken cancellation) =>
            Answer(context, await readiness.CheckAsync(cancellation).ConfigureAwait(false))).ExcludeFromDescription();
    }

    private static IResult Answer(HttpContext context, IReadOnlyList<string> problems)
    {
        context.Response.Headers.CacheControl = "no-store";
        return problems.Count == 0
            ? Results.Text("ok\n", "text/plain")
            : Results.Text(string.Join('\n', problems) + "\n", "text/plain", statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
