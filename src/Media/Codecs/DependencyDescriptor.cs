namespace Sfu.Media.Codecs;

/// <summary>Reads the dependency descriptors of one stream in order (AV1 RTP specification, appendix A): which layers a packet's frame is of,
/// and which frames it needs. Decode targets and chains are passed over: who decodes everything needs only the references.</summary>
internal sealed class DependencyDescriptor
{
    /// <summary>References of one frame at most; more are refused. AV1 itself has 7.</summary>
    public const int MaxReferences = 8;

    private const int MandatoryLength = 3;
    private readonly DependencyTemplates _templates = new();
    private readonly int[] _differences = new int[MaxReferences];
    private int _differenceCount;

    /// <summary>The packet is the first of its frame.</summary>
    public bool IsFrameStart { get; private set; }

    /// <summary>The packet is the last of its frame.</summary>
    public bool IsFrameEnd { get; private set; }

    /// <summary>Number of the frame, modulo 2^16.</summary>
    public ushort FrameNumber { get; private set; }

    /// <summary>The packet is of the frame whose first packet was read last.</summary>
    public bool IsSameFrame { get; private set; }

    /// <summary>The descriptor brings a structure: the frame is a key frame.</summary>
    public bool HasStructure { get; private set; }

    /// <summary>The template is known, so that the layers and references are.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>Spatial layer, 0 to 7.</summary>
    public int SpatialLayer { get; private set; }

    /// <summary>Temporal layer, 0 to 7.</summary>
    public int TemporalLayer { get; private set; }

    /// <summary>Width of the spatial layer in pixels, or 0.</summary>
    public int Width { get; private set; }

    /// <summary>Height of the spatial layer in pixels, or 0.</summary>
    public int Height { get; private set; }

    /// <summary>How many frames back each reference is, 1 to 4,096.</summary>
    public ReadOnlySpan<int> Differences => _differences.AsSpan(0, _differenceCount);

    /// <summary>Reads the next descriptor of the stream. What it says of the frame is taken from the frame's first packet.</summary>
    /// <param name="descriptor">The header extension's content; hostile.</param>
    /// <returns>False when it is wrong; what a key frame's wrong one said before is forgotten.</returns>
    public bool Read(ReadOnlySpan<byte> descriptor)
    {
        IsFrameStart = IsFrameEnd = IsSameFrame = false;
        if (descriptor.Length < MandatoryLength) return false;
        var reader = new BitReader(descriptor, isEscaped: false);
        IsFrameStart = reader.ReadFlag();
        IsFrameEnd = reader.ReadFlag();
        int template = (int)reader.Read(6);
        ushort number = (ushort)reader.Read(16);
        IsSameFrame = IsFrameStart || number == FrameNumber;
        if (!IsFrameStart) return true;
        IsKnown = HasStructure = false;
        (FrameNumber, _differenceCount, SpatialLayer, TemporalLayer, Width, Height) = (number, 0, 0, 0, 0, 0);
        bool hasActiveTargets = false, hasTargets = false, hasDifferences = false;
        if (descriptor.Length > MandatoryLength)
        {
            HasStructure = reader.ReadFlag();
            hasActiveTargets = reader.ReadFlag();
            hasTargets = reader.ReadFlag();
            hasDifferences = reader.ReadFlag();
            reader.Skip(1);                            // custom_chains_flag: they come last and are not read
            if (HasStructure && !_templates.Load(ref reader)) return false;
        }
        int index = _templates.IndexOf(template);
        if (index < 0) return true;
        if (hasActiveTargets) reader.Skip(_templates.Targets);
        if (hasTargets) reader.Skip(2 * _templates.Targets);
        if (!(hasDifferences ? ReadDifferences(ref reader) : TakeDifferences(index)) || reader.Failed) return false;
        SpatialLayer = _templates.SpatialLayerOf(index);
        TemporalLayer = _templates.TemporalLayerOf(index);
        (Width, Height) = _templates.SizeOf(SpatialLayer);
        IsKnown = true;
        return true;
    }

    private bool TakeDifferences(int index)
    {
        foreach (byte difference in _templates.DifferencesOf(index)) _differences[_differenceCount++] = difference;
        return true;
    }

    private bool ReadDifferences(ref BitReader reader)
    {
        for (int size = (int)reader.Read(2); size > 0; size = (int)reader.Read(2))
        {
            if (_differenceCount == MaxReferences) return false;
            _differences[_differenceCount++] = (int)reader.Read(4 * size) + 1;
        }
        return true;
    }
}
