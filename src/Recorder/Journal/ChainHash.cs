using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Sfu.Recorder.Journal;

/// <summary>One link of the chain over the chunks of a recording: a SHA-256 value.</summary>
public readonly struct ChainHash : IEquatable<ChainHash>
{
    /// <summary>Bytes of a link.</summary>
    public const int Size = 32;

    private readonly Bytes _bytes;

    /// <summary>Takes a value.</summary>
    /// <param name="value">32 bytes.</param>
    public ChainHash(ReadOnlySpan<byte> value)
    {
        if (value.Length != Size) throw new ArgumentException($"A link has {Size} bytes, not {value.Length}.", nameof(value));
        value.CopyTo(_bytes);
    }

    /// <summary>hash(-1) of a recording: SHA-256("SFUJ1" ‖ recording).</summary>
    public static ChainHash Start(Guid recording)
    {
        Span<byte> input = stackalloc byte[5 + 16], output = stackalloc byte[Size];
        "SFUJ1"u8.CopyTo(input);
        recording.TryWriteBytes(input[5..], bigEndian: true, out _);
        SHA256.HashData(input, output);
        return new ChainHash(output);
    }

    /// <summary>Reads lower-case hexadecimal.</summary>
    public static bool TryParse(string? text, out ChainHash hash)
    {
        Span<byte> value = stackalloc byte[Size];
        bool good = text is { Length: 2 * Size } && Convert.FromHexString(text, value, out _, out _) == System.Buffers.OperationStatus.Done;
        hash = good ? new ChainHash(value) : default;
        return good;
    }

    /// <summary>Copies the value out.</summary>
    public void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_bytes).CopyTo(destination);

    /// <summary>The value in an array of its own.</summary>
    public byte[] ToArray() => ((ReadOnlySpan<byte>)_bytes).ToArray();

    /// <inheritdoc/>
    public bool Equals(ChainHash other) => ((ReadOnlySpan<byte>)_bytes).SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChainHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Unsafe.As<Bytes, int>(ref Unsafe.AsRef(in _bytes));

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);

    /// <summary>True when both are the same.</summary>
    public static bool operator ==(ChainHash a, ChainHash b) => a.Equals(b);

    /// <summary>True when they differ.</summary>
    public static bool operator !=(ChainHash a, ChainHash b) => !a.Equals(b);

    [InlineArray(Size)]
    private struct Bytes
    {
        private byte _first;
    }
}
