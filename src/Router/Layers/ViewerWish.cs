namespace Sfu.Router.Layers;

/// <summary>What a viewer wants of a track; 0 stands for no limit.</summary>
/// <param name="IsPaused">Nothing at all.</param>
/// <param name="MaxWidth">Widest useful picture in pixels.</param>
/// <param name="MaxHeight">Highest useful picture in pixels.</param>
/// <param name="MaxFramesPerSecond">Most useful frames per second.</param>
/// <param name="Priority">1 (lowest) to 255; larger gets bandwidth first.</param>
internal readonly record struct ViewerWish(bool IsPaused, int MaxWidth, int MaxHeight, int MaxFramesPerSecond, byte Priority)
{
    /// <summary>Everything the producer has.</summary>
    internal static ViewerWish Everything => new(false, 0, 0, 0, 128);
}
