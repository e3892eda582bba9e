namespace Sfu.Media.Codecs;

/// <summary>What routing needs of VP9's scalability structure (RFC 9628 section 4.2.1): how many layers, how large the picture.</summary>
/// <remarks>The list of picture descriptions (N_G, at most 255 with 3 references each) is checked and stepped over.</remarks>
public readonly record struct Vp9ScalabilityStructure
{
    /// <summary>Spatial layers, 1 to 8; 0 when there is no structure.</summary>
    public byte SpatialLayers { get; init; }

    /// <summary>Width of the highest spatial layer in pixels, or 0 when the structure does not say.</summary>
    public ushort Width { get; init; }

    /// <summary>Height of the highest spatial layer in pixels, or 0 when the structure does not say.</summary>
    public ushort Height { get; init; }

    /// <summary>Temporal layers of the picture group, 1 to 8, or 0 when the structure has no picture group.</summary>
    public byte TemporalLayers { get; init; }

    /// <summary>Reads and steps over the structure; a short one leaves <see cref="PayloadReader.Failed"/> set.</summary>
    internal static Vp9ScalabilityStructure Read(ref PayloadReader reader)
    {
        byte head = reader.ReadByte();
        int layers = (head >> 5) + 1;
        ushort width = 0, height = 0;
        for (int i = 0; (head & 0x10) != 0 && i < layers; i++)
        {
            width = reader.ReadUInt16();
            height = reader.ReadUInt16();
        }
        int pictures = (head & 0x08) != 0 ? reader.ReadByte() : 0;
        int highest = -1;
        for (int i = 0; i < pictures && !reader.Failed; i++)
        {
            byte picture = reader.ReadByte();
            highest = Math.Max(highest, picture >> 5);
            reader.ReadBytes(picture >> 2 & 0x03);      // R reference differences
        }
        return new Vp9ScalabilityStructure { SpatialLayers = (byte)layers, Width = width, Height = height, TemporalLayers = (byte)(highest + 1) };
    }
}
