namespace Sfu.Recorder;

/// <summary>The recorder has more to do than it can queue, or did not answer in time: its disk may hang.</summary>
public sealed class RecorderBusyException : Exception
{
    /// <summary>Makes one.</summary>
    public RecorderBusyException()
        : base("The recorder is behind with its work.")
    {
    }

    /// <summary>Makes one with a sentence.</summary>
    public RecorderBusyException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a sentence and a cause.</summary>
    public RecorderBusyException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
