using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>The sequence header of an AV1 stream: one, as an OBU with its size.</summary>
internal sealed class Av1ParameterSets() : VideoParameterSets(1)
{
    private const int SequenceHeader = 1;

    /// <inheritdoc/>
    private protected override int PrefixLength => 0;

    /// <inheritdoc/>
    internal override bool Add(ReadOnlySpan<byte> unit)
    {
        var reader = new PayloadReader(unit);
        byte header = reader.ReadByte();
        if ((header >> 3 & 0x0F) != SequenceHeader || (header & 0x02) == 0) return false;
        if ((header & 0x04) != 0) reader.ReadByte();
        ReadOnlySpan<byte> content = reader.ReadBytes((int)Math.Min(reader.ReadLeb128(), int.MaxValue));
        if (reader.Failed || !Av1SequenceHeader.TryRead(content, out int width, out int height) || !Store(0, unit)) return false;
        (Width, Height) = (width, height);
        return true;
    }
}
