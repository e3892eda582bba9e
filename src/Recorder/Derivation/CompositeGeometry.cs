namespace Sfu.Recorder.Derivation;

/// <summary>Where tiles go on the canvas. All numbers are even, as the chroma planes of YUV 4:2:0 need it.</summary>
internal static class CompositeGeometry
{
    /// <summary>Most tiles that are shown.</summary>
    internal const int MaxTiles = 25;

    /// <summary>Places all tiles.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="count">Tiles; at most <see cref="MaxTiles"/>.</param>
    /// <param name="large">Which one is large in <see cref="CompositeLayout.ActiveSpeaker"/>.</param>
    /// <param name="width">Of the canvas.</param>
    /// <param name="height">Of the canvas.</param>
    internal static TilePlace[] Place(CompositeLayout layout, int count, int large, int width, int height)
    {
        if (count == 0) return [];
        if (layout == CompositeLayout.Grid || count == 1) return Grid(count, 0, 0, width, height);
        int row = height / 5 & ~1;
        TilePlace[] small = Row(count - 1, height - row, width, row);
        var places = new TilePlace[count];
        for (int i = 0, next = 0; i < count; i++) places[i] = i == large ? new TilePlace(0, 0, width & ~1, height - row & ~1) : small[next++];
        return places;
    }

    private static TilePlace[] Grid(int count, int left, int top, int width, int height)
    {
        int columns = (int)Math.Ceiling(Math.Sqrt(count)), rows = (count + columns - 1) / columns;
        int tileWidth = width / columns & ~1, tileHeight = height / rows & ~1;
        var places = new TilePlace[count];
        for (int i = 0; i < count; i++)
        {
            int row = i / columns, inRow = row == rows - 1 ? count - row * columns : columns;
            int indent = (width - inRow * tileWidth) / 2 & ~1; // the last row is centred
            places[i] = new TilePlace(left + indent + i % columns * tileWidth, top + row * tileHeight, tileWidth, tileHeight);
        }
        return places;
    }

    private static TilePlace[] Row(int count, int top, int width, int height)
    {
        int tileWidth = Math.Min(width / count, height * 16 / 9) & ~1, indent = (width - count * tileWidth) / 2 & ~1;
        return [.. Enumerable.Range(0, count).Select(i => new TilePlace(indent + i * tileWidth, top & ~1, tileWidth, height & ~1))];
    }
}
