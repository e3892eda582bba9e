namespace Sfu.Media.Codecs;

/// <summary>The picture group of a scalability structure (RFC 9628 section 4.2.1): which pictures each picture of a repeating pattern
/// refers to.</summary>
internal sealed class Vp9PictureGroup
{
    private const int MaxPictures = 255;
    private const int MaxReferences = 3;
    private readonly byte[] _counts = new byte[MaxPictures];
    private readonly byte[] _differences = new byte[MaxPictures * MaxReferences];

    /// <summary>N_G: pictures in the group; 0 when there is none.</summary>
    public int Pictures { get; private set; }

    /// <summary>Forgets the group.</summary>
    public void Clear() => Pictures = 0;

    /// <summary>Reads the group of a structure that <see cref="Vp9Descriptor.Parse"/> accepted.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="descriptor">Its descriptor, with a structure.</param>
    public void Load(ReadOnlySpan<byte> payload, in Vp9Descriptor descriptor)
    {
        var reader = new PayloadReader(payload[descriptor.StructureAt..]);
        byte head = reader.ReadByte();
        if ((head & 0x10) != 0) reader.ReadBytes(4 * ((head >> 5) + 1));      // sizes of the spatial layers
        Pictures = (head & 0x08) != 0 ? reader.ReadByte() : 0;
        for (int i = 0; i < Pictures; i++)
        {
            int count = reader.ReadByte() >> 2 & 0x03;
            _counts[i] = (byte)count;
            for (int k = 0; k < count; k++) _differences[i * MaxReferences + k] = reader.ReadByte();
        }
        if (reader.Failed) Pictures = 0;
    }

    /// <summary>How many pictures back the references of a picture are.</summary>
    /// <param name="index">Its place in the group, 0 to <see cref="Pictures"/> - 1.</param>
    public ReadOnlySpan<byte> DifferencesOf(int index) => _differences.AsSpan(index * MaxReferences, _counts[index]);
}
