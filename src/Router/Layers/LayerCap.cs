namespace Sfu.Router.Layers;

/// <summary>The most that a viewer's link carries of one track; set by bandwidth allocation.</summary>
/// <param name="Encoding">Highest encoding, from 0; -1 for nothing at all.</param>
/// <param name="TemporalLayer">Highest temporal layer, from 0.</param>
internal readonly record struct LayerCap(int Encoding, int TemporalLayer)
{
    /// <summary>No cap.</summary>
    internal static LayerCap None => new(int.MaxValue, int.MaxValue);
}
