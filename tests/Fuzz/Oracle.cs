using System.Diagnostics.CodeAnalysis;

namespace Sfu.Fuzz;

/// <summary>Something that must hold for every input did not.</summary>
internal sealed class FuzzFailureException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Checks that allocate nothing while they hold.</summary>
internal static class Oracle
{
    public static void That([DoesNotReturnIf(false)] bool holds, string what)
    {
        if (!holds) throw new FuzzFailureException(what);
    }

    /// <summary>As the other one; the sentence is put together only when it is needed.</summary>
    public static void That<T>([DoesNotReturnIf(false)] bool holds, string what, T detail)
    {
        if (!holds) throw new FuzzFailureException($"{what}: {detail}");
    }
}
