using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Sfu.Recorder.Segments;

namespace Sfu.Verify.Tests;

/// <summary>Writes chunks after docs/evidence.md, byte by byte: shares no code with the recorder's journal nor with the verifier.</summary>
internal sealed class ChunkWriter
{
    private readonly byte[] _recording;
    private byte[] _hash;

    public ChunkWriter(Guid recording)
    {
        _recording = recording.ToByteArray(bigEndian: true);
        _hash = SHA256.HashData([.. "SFUJ1"u8, .. _recording]);
    }

    /// <summary>Number of the next chunk.</summary>
    public ulong Next { get; private set; }

    /// <summary>Chain hash of the chunk before.</summary>
    public byte[] Hash => _hash;

    public byte[] Write(uint track, long mono, long wall, IReadOnlyList<StreamIndex> streams, byte[] body)
    {
        byte[] index = Index(streams);
        byte[] frame = new byte[64 + index.Length + body.Length + 16 + 4];
        Span<byte> at = frame;
        "SFUJ"u8.CopyTo(at);
        (at[4], at[5]) = (1, 1);
        _recording.CopyTo(at[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[24..], track);
        BinaryPrimitives.WriteUInt32LittleEndian(at[28..], (uint)Next / 8);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], Next);
        BinaryPrimitives.WriteInt64LittleEndian(at[40..], mono);
        BinaryPrimitives.WriteInt64LittleEndian(at[48..], wall);
        BinaryPrimitives.WriteUInt32LittleEndian(at[56..], (uint)body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(at[60..], (uint)index.Length);
        index.CopyTo(at[64..]);
        body.CopyTo(at[(64 + index.Length)..]);
        SHA256.HashData(body).AsSpan(0, 16).CopyTo(at[(64 + index.Length + body.Length)..]); // stands for the GCM tag
        FixCrc(frame);
        _hash = SHA256.HashData([.. _hash, .. frame.AsSpan(0, frame.Length - 4)]);
        Next++;
        return frame;
    }

    /// <summary>Makes a changed frame's checksum fit, as a forger would.</summary>
    public static void FixCrc(Span<byte> frame)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in frame[..^4]) crc = BitOperations.Crc32C(crc, value);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[^4..], ~crc);
    }

    private static byte[] Index(IReadOnlyList<StreamIndex> streams)
    {
        if (streams.Count == 0) return [];
        var bytes = new List<byte>();
        bytes.AddRange([(byte)streams.Count, 0, 0, 0]);
        foreach (StreamIndex stream in streams)
        {
            foreach (uint value in (uint[])[stream.Ssrc, stream.First, stream.Last, stream.Packets, stream.Repaired, stream.Duplicates]) bytes.AddRange(BitConverter.GetBytes(value));
            bytes.AddRange(BitConverter.GetBytes(stream.Bytes));
            bytes.AddRange(BitConverter.GetBytes(stream.Clock));
            bytes.AddRange(BitConverter.GetBytes((ushort)stream.Holes.Count));
            bytes.AddRange([0, 0]);
            foreach (SequenceRange hole in stream.Holes) bytes.AddRange([.. BitConverter.GetBytes(hole.First), .. BitConverter.GetBytes(hole.Last)]);
        }
        return [.. bytes];
    }
}
