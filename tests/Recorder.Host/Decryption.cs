using System.Text.Json;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Reading;

/// <summary>Opens a sealed recording with the keys of the server that made it: for tests that look for what must not be there.</summary>
internal static class Decryption
{
    /// <summary>Prints every record as one line of JSON.</summary>
    /// <param name="data">The server's data directory; the server may be running.</param>
    /// <param name="folder">Folder of the evidence; its name is the recording's id.</param>
    /// <returns>Exit code.</returns>
    internal static int Print(string data, string folder)
    {
        string root = Path.Combine(data, "recorder");
        using var kek = FileKeyEncryptionKey.Open(Path.Combine(root, "kek"));
        using var vault = new SqliteKeyVault(Path.Combine(root, "vault.db"));
        using var reader = new JournalReader(Guid.Parse(Path.GetFileName(folder)), folder, "node", vault, kek);
        using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
        foreach (JournalChunk chunk in reader.Chunks())
        {
            if (chunk.IsErased) return Fail($"The key of chunk {chunk.Header.Chunk} is missing.");
            foreach (JournalEntry entry in chunk.Entries) output.WriteLine(Line(entry));
        }

        return reader.Failure == JournalFailure.None ? 0 : Fail($"{reader.Failure} in {reader.FailureFile}.");
    }

    private static string Line(JournalEntry entry) => JsonSerializer.Serialize(new
    {
        track = entry.Track,
        type = (int)entry.Type,
        marks = (int)entry.Marks,
        mono = entry.MonoNanoseconds,
        wall = entry.WallMicroseconds,
        payload = Convert.ToBase64String(entry.Payload.Span),
    });

    private static int Fail(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}
