namespace Sfu.Signalling;

/// <summary>The routes of the real-time interfaces: <c>/ws</c>, <c>/whip</c>, <c>/whep</c>.</summary>
public static class SignallingEndpoints
{
    /// <summary>Registers what the routes need, the media node included.</summary>
    public static IServiceCollection AddSignalling(this IServiceCollection services) => services;

    /// <summary>Maps the routes.</summary>
    public static WebApplication MapSignalling(this WebApplication app) => app;
}
