using Sfu.Recorder.Files;

namespace Sfu.Recorder;

/// <summary>Why a recorder could not start: the log or the lock of its folder. Nothing was changed.</summary>
public sealed class RecorderStartException : Exception
{
    /// <summary>Makes one that says nothing.</summary>
    public RecorderStartException()
    {
    }

    /// <summary>Makes one with a sentence for the operator.</summary>
    public RecorderStartException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a sentence for the operator and its cause.</summary>
    public RecorderStartException(string message, Exception cause)
        : base(message, cause)
    {
    }

    internal RecorderStartException(string folder, FileFailure failure)
        : this($"The recorder's log in {folder} cannot be used: {failure}.")
    {
    }
}
