namespace Sfu.Media.Codecs;

/// <summary>The template dependency structure of dependency descriptors (AV1 RTP specification, appendix A.8.2): what the frames of a
/// stream may look like. Replaced as a whole, by a key frame's descriptor.</summary>
internal sealed class DependencyTemplates
{
    private const int MaxTemplates = 64;
    private const int MaxTargets = 32;
    private const int MaxLayers = 8;
    private readonly byte[] _spatial = new byte[MaxTemplates];
    private readonly byte[] _temporal = new byte[MaxTemplates];
    private readonly byte[] _differences = new byte[MaxTemplates * DependencyDescriptor.MaxReferences];
    private readonly byte[] _differenceCounts = new byte[MaxTemplates];
    private readonly (int Width, int Height)[] _sizes = new (int, int)[MaxLayers];
    private int _idOffset;

    /// <summary>Templates known; 0 before the first structure and after a wrong one.</summary>
    public int Count { get; private set; }

    /// <summary>Decode targets, 1 to 32.</summary>
    public int Targets { get; private set; }

    /// <summary>Chains, 0 to 32.</summary>
    public int Chains { get; private set; }

    /// <summary>Highest spatial layer, 0 to 3.</summary>
    public int MaxSpatialLayer { get; private set; }

    /// <summary>Sizes of the spatial layers are known.</summary>
    public bool HasSizes { get; private set; }

    /// <summary>Index of the template with an id, or -1.</summary>
    public int IndexOf(int id) => (id + MaxTemplates - _idOffset) % MaxTemplates is var index && index < Count ? index : -1;

    /// <summary>Spatial layer of a template.</summary>
    public int SpatialLayerOf(int index) => _spatial[index];

    /// <summary>Temporal layer of a template.</summary>
    public int TemporalLayerOf(int index) => _temporal[index];

    /// <summary>How many frames back the references of a template are.</summary>
    public ReadOnlySpan<byte> DifferencesOf(int index) => _differences.AsSpan(index * DependencyDescriptor.MaxReferences, _differenceCounts[index]);

    /// <summary>Size of a spatial layer in pixels, or 0.</summary>
    public (int Width, int Height) SizeOf(int spatialLayer) => HasSizes && spatialLayer < MaxLayers ? _sizes[spatialLayer] : default;

    /// <summary>Reads template_dependency_structure(); false, and nothing known, when it is wrong.</summary>
    public bool Load(ref BitReader reader)
    {
        Count = 0;
        _idOffset = (int)reader.Read(6);
        Targets = (int)reader.Read(5) + 1;
        int count = ReadLayers(ref reader);
        if (count < 0) return false;
        reader.Skip(2 * count * Targets);              // template_dtis
        if (!ReadDifferences(ref reader, count)) return false;
        Chains = ReadNonSymmetric(ref reader, Targets + 1);
        if (Chains > 0)
        {
            for (int i = 0; i < Targets; i++) ReadNonSymmetric(ref reader, Chains);
            reader.Skip(4 * count * Chains);
        }
        HasSizes = reader.ReadFlag();
        for (int i = 0; HasSizes && i <= MaxSpatialLayer; i++) _sizes[i] = ((int)reader.Read(16) + 1, (int)reader.Read(16) + 1);
        if (reader.Failed) return false;
        Count = count;
        return true;
    }

    private int ReadLayers(ref BitReader reader)
    {
        int spatial = 0, temporal = 0;
        for (int count = 0; count < MaxTemplates && !reader.Failed;)
        {
            (_spatial[count], _temporal[count]) = ((byte)spatial, (byte)temporal);
            count++;
            MaxSpatialLayer = spatial;
            switch (reader.Read(2))                    // next_layer_idc
            {
                case 1: temporal++; break;
                case 2: (temporal, spatial) = (0, spatial + 1); break;
                case 3: return count;
            }
            if (spatial >= MaxLayers || temporal >= MaxLayers) return -1;
        }
        return -1;
    }

    private bool ReadDifferences(ref BitReader reader, int count)
    {
        for (int i = 0; i < count; i++)
        {
            _differenceCounts[i] = 0;
            while (reader.ReadFlag())
            {
                if (_differenceCounts[i] == DependencyDescriptor.MaxReferences) return false;
                _differences[i * DependencyDescriptor.MaxReferences + _differenceCounts[i]++] = (byte)(reader.Read(4) + 1);
            }
        }
        return true;
    }

    // ns(n), section A.8.1: as few bits as tell n values apart.
    private static int ReadNonSymmetric(ref BitReader reader, int values)
    {
        int bits = 0;
        for (int x = values; x != 0; x >>= 1) bits++;
        int shorter = (1 << bits) - values;
        int value = (int)reader.Read(bits - 1);
        return value < shorter ? value : (value << 1) - shorter + (int)reader.Read(1);
    }
}
