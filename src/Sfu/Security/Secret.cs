using System.Text;

namespace Sfu.Security;

/// <summary>A text that must never be printed: <see cref="ToString"/> gives <c>***</c>, so that no log, metric or message can hold it
/// (docs/threats.md I12, T30). Only who asks for <see cref="Reveal"/> sees it.</summary>
public readonly struct Secret(string value) : IEquatable<Secret>
{
    private readonly string? _value = value;

    /// <summary>Length in characters.</summary>
    public int Length => _value?.Length ?? 0;

    /// <summary>The secret itself, for cryptography and its own file only.</summary>
    public string Reveal() => _value ?? "";

    /// <summary>Its UTF-8 bytes, as a key.</summary>
    public byte[] ToKey() => Encoding.UTF8.GetBytes(Reveal());

    /// <inheritdoc/>
    public bool Equals(Secret other) => string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Secret other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Reveal().GetHashCode(StringComparison.Ordinal);

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";

    /// <inheritdoc cref="Equals(Secret)"/>
    public static bool operator ==(Secret left, Secret right) => left.Equals(right);

    /// <inheritdoc cref="Equals(Secret)"/>
    public static bool operator !=(Secret left, Secret right) => !left.Equals(right);
}
