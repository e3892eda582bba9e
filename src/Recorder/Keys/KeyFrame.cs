using System.Buffers.Binary;
using System.Text;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Keys;

/// <summary>The body of a key frame of the log (docs/evidence.md section 4, kind 129).</summary>
internal static class KeyFrame
{
    private const int EntrySize = 8 + TrackKeyId.WrappedSize;
    private const int MaxKekId = 256;

    /// <summary>Writes a body for keys of one recording, all wrapped by one key.</summary>
    internal static byte[] Write(string kek, IReadOnlyList<WrappedKey> keys)
    {
        int name = Encoding.UTF8.GetByteCount(kek);
        byte[] body = new byte[2 + name + keys.Count * EntrySize];
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)name);
        Encoding.UTF8.GetBytes(kek, body.AsSpan(2));
        for (int i = 0; i < keys.Count; i++)
        {
            Span<byte> entry = body.AsSpan(2 + name + i * EntrySize, EntrySize);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, keys[i].Id.Track);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], keys[i].Id.Epoch);
            keys[i].Wrapped.Span.CopyTo(entry[8..]);
        }

        return body;
    }

    /// <summary>Reads a body.</summary>
    internal static JournalFailure TryRead(Guid recording, ReadOnlySpan<byte> body, out IReadOnlyList<WrappedKey> keys)
    {
        keys = [];
        if (body.Length < 2) return JournalFailure.Truncated;
        int name = BinaryPrimitives.ReadUInt16LittleEndian(body);
        if (name > MaxKekId || body.Length < 2 + name || (body.Length - 2 - name) % EntrySize != 0) return JournalFailure.BadSize;
        string kek = Encoding.UTF8.GetString(body.Slice(2, name));
        var found = new List<WrappedKey>();
        for (ReadOnlySpan<byte> rest = body[(2 + name)..]; !rest.IsEmpty; rest = rest[EntrySize..])
        {
            var id = new TrackKeyId(recording, BinaryPrimitives.ReadUInt32LittleEndian(rest), BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]));
            found.Add(new WrappedKey(id, kek, rest.Slice(8, TrackKeyId.WrappedSize).ToArray()));
        }

        keys = found;
        return JournalFailure.None;
    }
}
