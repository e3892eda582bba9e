namespace Sfu.Media.Rtp;

/// <summary>16-bit RTP sequence number; ordered by serial arithmetic (RFC 1982 section 3.2).</summary>
public readonly record struct SequenceNumber(ushort Value)
{
    /// <summary>Packets from <paramref name="older"/> to this one; negative when this one is older. -32,768 to 32,767.</summary>
    public int DistanceFrom(SequenceNumber older) => (short)(Value - older.Value);

    /// <summary>True when this number comes after <paramref name="other"/>.</summary>
    public bool IsNewerThan(SequenceNumber other) => DistanceFrom(other) > 0;

    /// <summary>The number <paramref name="packets"/> later, modulo 2^16.</summary>
    public SequenceNumber Add(int packets) => new((ushort)(Value + packets));

    /// <summary>The next number, modulo 2^16.</summary>
    public SequenceNumber Next => new((ushort)(Value + 1));

    /// <inheritdoc/>
    /// <remarks>The generated one prints every property and would follow <see cref="Next"/> without end.</remarks>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
