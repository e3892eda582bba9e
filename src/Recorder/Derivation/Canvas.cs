using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>Draws on pictures in YUV 4:2:0.</summary>
internal static unsafe class Canvas
{
    /// <summary>Dark blue grey: Y, Cb, Cr.</summary>
    internal static (byte Y, byte Cb, byte Cr) Background => (34, 131, 126);

    /// <summary>The border of who speaks: green.</summary>
    internal static (byte Y, byte Cb, byte Cr) Speaking => (145, 72, 66);

    /// <summary>Fills a rectangle.</summary>
    internal static void Fill(AvFrame frame, TilePlace place, (byte Y, byte Cb, byte Cr) colour)
    {
        for (int plane = 0; plane < 3; plane++)
        {
            int shift = plane == 0 ? 0 : 1, width = place.Width + shift >> shift, height = place.Height + shift >> shift;
            byte value = plane switch { 0 => colour.Y, 1 => colour.Cb, _ => colour.Cr };
            byte* at = frame.Plane(plane) + (place.Top >> shift) * frame.Stride(plane) + (place.Left >> shift);
            for (int row = 0; row < height; row++) new Span<byte>(at + row * frame.Stride(plane), width).Fill(value);
        }
    }

    /// <summary>Copies a tile of the size of the place.</summary>
    internal static void Copy(AvFrame tile, AvFrame canvas, TilePlace place)
    {
        for (int plane = 0; plane < 3; plane++)
        {
            int shift = plane == 0 ? 0 : 1;
            byte* to = canvas.Plane(plane) + (place.Top >> shift) * canvas.Stride(plane) + (place.Left >> shift);
            for (int row = 0; row < place.Height >> shift; row++)
                new ReadOnlySpan<byte>(tile.Plane(plane) + row * tile.Stride(plane), place.Width >> shift).CopyTo(new Span<byte>(to + row * canvas.Stride(plane), place.Width >> shift));
        }
    }

    /// <summary>Draws a frame of 4 pixels inside of a place.</summary>
    internal static void Border(AvFrame canvas, TilePlace place, (byte Y, byte Cb, byte Cr) colour)
    {
        const int Thick = 4;
        Fill(canvas, place with { Height = Thick }, colour);
        Fill(canvas, place with { Top = place.Top + place.Height - Thick, Height = Thick }, colour);
        Fill(canvas, place with { Width = Thick }, colour);
        Fill(canvas, place with { Left = place.Left + place.Width - Thick, Width = Thick }, colour);
    }
}
