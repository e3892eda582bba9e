using Sfu.Recorder.Keys;

namespace Sfu.Recorder.Tests.Recordings;

/// <summary>A vault in memory that outlives the recorder.</summary>
internal sealed class MemoryVault : IKeyVault
{
    private readonly Dictionary<TrackKeyId, WrappedKey> _keys = [];

    public int Refusals { get; set; }

    public IReadOnlyDictionary<TrackKeyId, WrappedKey> Keys => _keys;

    public void Store(IReadOnlyList<WrappedKey> keys)
    {
        if (Refusals > 0)
        {
            Refusals--;
            throw new IOException("The vault's disk is full.");
        }

        foreach (WrappedKey key in keys) _keys.TryAdd(key.Id, key);
    }

    public WrappedKey? Find(TrackKeyId id) => _keys.GetValueOrDefault(id);
}
