namespace Sfu.Recordings.Derivations;

/// <summary>Files cannot be derived.</summary>
public sealed class DerivationException : Exception
{
    /// <summary>Without a reason.</summary>
    public DerivationException()
    {
    }

    /// <summary>With a text.</summary>
    public DerivationException(string message)
        : base(message)
    {
    }

    /// <summary>With a text and its cause.</summary>
    public DerivationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>With its kind, a sentence for people, and its cause.</summary>
    public DerivationException(DerivationFailure reason, string message, Exception? innerException = null)
        : base(message, innerException) => Reason = reason;

    /// <summary>Its kind.</summary>
    public DerivationFailure Reason { get; } = DerivationFailure.Internal;
}
