namespace Sfu.Hosting;

/// <summary>The server cannot start, and knows why: the sentences go to standard error without a stack trace.</summary>
public sealed class StartUpException : Exception
{
    /// <summary>One reason.</summary>
    /// <param name="exitCode">One of <see cref="Hosting.ExitCode"/>.</param>
    /// <param name="sentence">What is wrong and what to do; no secret in it.</param>
    /// <param name="cause">What was caught, or null.</param>
    public StartUpException(int exitCode, string sentence, Exception? cause = null)
        : base(sentence, cause)
    {
        ExitCode = exitCode;
        Sentences = [sentence];
    }

    /// <summary>Several reasons of the same kind.</summary>
    public StartUpException(int exitCode, IReadOnlyList<string> sentences)
        : base(string.Join('\n', sentences))
    {
        ExitCode = exitCode;
        Sentences = sentences;
    }

    /// <summary>How the process ends.</summary>
    public int ExitCode { get; }

    /// <summary>What to say.</summary>
    public IReadOnlyList<string> Sentences { get; }
}
