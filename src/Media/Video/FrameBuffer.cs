namespace Sfu.Media.Video;

/// <summary>Where one frame grows: its bytes and its units. Both are kept for the next one, so that nothing is allocated once the largest
/// frame was seen.</summary>
/// <param name="maxBytes">Most bytes.</param>
/// <param name="maxUnits">Most units.</param>
internal sealed class FrameBuffer(int maxBytes, int maxUnits)
{
    private const int FirstBytes = 16 * 1024;
    private const int FirstUnits = 16;
    private byte[] _bytes = new byte[Math.Min(FirstBytes, maxBytes)];
    private FrameUnit[] _units = new FrameUnit[Math.Min(FirstUnits, maxUnits)];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Units written.</summary>
    public int UnitCount { get; private set; }

    /// <summary>Something did not fit: the frame is not to be used.</summary>
    public bool IsOverrun { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>The units that were added.</summary>
    public ReadOnlySpan<FrameUnit> Units => _units.AsSpan(0, UnitCount);

    /// <summary>Empties it.</summary>
    public void Clear() => TruncateTo(0, 0);

    /// <summary>Takes back what was written behind a point.</summary>
    public void TruncateTo(int length, int units)
    {
        Length = length;
        UnitCount = units;
        IsOverrun = false;
    }

    /// <summary>Takes out what was written between two points; what is behind moves forward.</summary>
    public void Remove(int from, int fromUnit, int to, int toUnit)
    {
        _bytes.AsSpan(to, Length - to).CopyTo(_bytes.AsSpan(from));
        for (int i = toUnit; i < UnitCount; i++) _units[i - toUnit + fromUnit] = _units[i] with { Offset = _units[i].Offset - (to - from) };
        Length -= to - from;
        UnitCount -= toUnit - fromUnit;
    }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Reserve(bytes.Length)) bytes.CopyTo(_bytes.AsSpan(Length - bytes.Length));
    }

    /// <summary>Appends one byte.</summary>
    public void WriteByte(byte value)
    {
        if (Reserve(1)) _bytes[Length - 1] = value;
    }

    /// <summary>Puts bytes before what was written from a point on; units behind it move with it.</summary>
    public void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        int behind = Length - at;
        if (!Reserve(bytes.Length)) return;
        _bytes.AsSpan(at, behind).CopyTo(_bytes.AsSpan(at + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(at));
        for (int i = UnitCount - 1; i >= 0 && _units[i].Offset >= at; i--) _units[i] = _units[i] with { Offset = _units[i].Offset + bytes.Length };
    }

    /// <summary>Bytes that were written, to be changed in place.</summary>
    public Span<byte> Written(int at, int length) => _bytes.AsSpan(at, length);

    /// <summary>Notes that a unit goes from a point to the end.</summary>
    public void AddUnit(int offset)
    {
        if (UnitCount == maxUnits)
        {
            IsOverrun = true;
            return;
        }
        if (UnitCount == _units.Length) Array.Resize(ref _units, Math.Min(maxUnits, _units.Length * 2));
        _units[UnitCount++] = new FrameUnit(offset, Length - offset);
    }

    private bool Reserve(int count)
    {
        if (count > maxBytes - Length)
        {
            IsOverrun = true;
            return false;
        }
        Length += count;
        if (Length > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(maxBytes, Math.Max(Length, _bytes.Length * 2L)));
        return true;
    }
}
