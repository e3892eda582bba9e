using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Sfu.Recordings.Derivations;

/// <summary>One line that <c>sfu-derive</c> says (docs/derivation.md).</summary>
/// <param name="Progress">0 to 1.</param>
/// <param name="Folder">Where the files are: it is done.</param>
/// <param name="Error">What went wrong.</param>
/// <param name="Reason">The kind of the error.</param>
internal sealed record DeriverLine(double? Progress, string? Folder, string? Error, string? Reason);

/// <summary>Reads what the program says, within bounds.</summary>
internal static class DeriverOutput
{
    private const int MaxLine = 8192;
    private const int MaxTail = 2048;

    /// <summary>Reads the lines to the end.</summary>
    /// <exception cref="JsonException">A line is no JSON object of its kind.</exception>
    /// <exception cref="InvalidDataException">A line is too long.</exception>
    internal static async IAsyncEnumerable<DeriverLine> ReadAsync(TextReader output, [EnumeratorCancellation] CancellationToken cancellation)
    {
        char[] buffer = new char[MaxLine];
        for (int size = 0, read; (read = await output.ReadAsync(buffer.AsMemory(size), cancellation)) > 0;)
        {
            size += read;
            for (int end; (end = buffer.AsSpan(0, size).IndexOf('\n')) >= 0;)
            {
                yield return JsonSerializer.Deserialize<DeriverLine>(buffer.AsSpan(0, end), JsonSerializerOptions.Web) ?? throw new JsonException("null");
                buffer.AsSpan(end + 1, size - end - 1).CopyTo(buffer);
                size -= end + 1;
            }

            if (size == MaxLine) throw new InvalidDataException("The program says a line without an end.");
        }
    }

    /// <summary>Reads to the end and keeps what came last.</summary>
    internal static async Task<string> ReadTailAsync(TextReader output, CancellationToken cancellation)
    {
        var tail = new StringBuilder();
        char[] buffer = new char[MaxTail];
        for (int read; (read = await output.ReadAsync(buffer, cancellation)) > 0;)
        {
            tail.Append(buffer, 0, read);
            if (tail.Length > MaxTail) tail.Remove(0, tail.Length - MaxTail);
        }

        return tail.ToString();
    }
}
