using System.Buffers.Binary;

namespace Sfu.Recorder.Derivation;

/// <summary>Writes 16-bit PCM into a WAV file; beyond 4 GiB it becomes an RF64 file (EBU Tech 3306).</summary>
internal sealed class WavWriter : IDisposable
{
    private const int HeaderSize = 80;                 // RIFF 12, JUNK or ds64 36, fmt 24, data 8
    private readonly FileStream _file;
    private readonly int _sampleRate;
    private readonly int _channels;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;
    private long _bytes;

    /// <summary>Creates or replaces the file.</summary>
    public WavWriter(string path, int sampleRate, int channels)
    {
        _sampleRate = sampleRate;
        _channels = channels;
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _file.Write(new byte[HeaderSize]);
    }

    /// <summary>Samples per channel written.</summary>
    public long Samples => _bytes / 2 / _channels;

    /// <summary>Appends interleaved samples, 1.0 being full scale; louder ones are clipped.</summary>
    public void Write(ReadOnlySpan<float> samples)
    {
        foreach (float sample in samples)
        {
            if (_used == _buffer.Length) WriteBuffer();
            BinaryPrimitives.WriteInt16LittleEndian(_buffer.AsSpan(_used), (short)Math.Clamp(MathF.Round(sample * 32768), -32768, 32767));
            _used += 2;
        }
        _bytes += samples.Length * 2L;
    }

    /// <summary>Writes the sizes and closes the file.</summary>
    public void Finish()
    {
        WriteBuffer();
        _file.Position = 0;
        _file.Write(Header());
        _file.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void WriteBuffer()
    {
        _file.Write(_buffer, 0, _used);
        _used = 0;
    }

    private byte[] Header()
    {
        bool isLarge = _bytes + HeaderSize > uint.MaxValue;
        byte[] header = new byte[HeaderSize];
        Span<byte> at = header;
        (isLarge ? "RF64"u8 : "RIFF"u8).CopyTo(at);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], isLarge ? uint.MaxValue : (uint)(_bytes + HeaderSize - 8));
        "WAVE"u8.CopyTo(at[8..]);
        (isLarge ? "ds64"u8 : "JUNK"u8).CopyTo(at[12..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[16..], 28);
        if (isLarge)
        {
            BinaryPrimitives.WriteInt64LittleEndian(at[20..], _bytes + HeaderSize - 8);
            BinaryPrimitives.WriteInt64LittleEndian(at[28..], _bytes);
            BinaryPrimitives.WriteInt64LittleEndian(at[36..], Samples);
        }
        "fmt "u8.CopyTo(at[48..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[52..], 16);
        BinaryPrimitives.WriteUInt16LittleEndian(at[56..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(at[58..], (ushort)_channels);
        BinaryPrimitives.WriteInt32LittleEndian(at[60..], _sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(at[64..], _sampleRate * _channels * 2);
        BinaryPrimitives.WriteUInt16LittleEndian(at[68..], (ushort)(_channels * 2));
        BinaryPrimitives.WriteUInt16LittleEndian(at[70..], 16);
        "data"u8.CopyTo(at[72..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[76..], isLarge ? uint.MaxValue : (uint)_bytes);
        return header;
    }
}
