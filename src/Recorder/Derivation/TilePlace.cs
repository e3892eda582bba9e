namespace Sfu.Recorder.Derivation;

/// <summary>A rectangle on the canvas, in pixels.</summary>
/// <param name="Left">Even.</param>
/// <param name="Top">Even.</param>
/// <param name="Width">Even, positive.</param>
/// <param name="Height">Even, positive.</param>
internal readonly record struct TilePlace(int Left, int Top, int Width, int Height);
