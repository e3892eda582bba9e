using System.Diagnostics;
using System.Globalization;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Reading;
using Sfu.Recorder.Tests.Recordings;

namespace Sfu.Recorder.Tests;

/// <summary>kill -9 at random moments: what is lost, and that it is one recording all the same.</summary>
[Collection("alone")]
public sealed class KillTests
{
    private const int Kills = 10;
    private const double MaxLost = 300;                        // milliseconds of tail
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Kill_AtRandomMoments_LosesAtMost300MillisecondsAndGoesOnAsTheSameRecording()
    {
        using var folder = new TemporaryFolder();
        Guid id = Guid.CreateVersion7();
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var ends = new List<(long First, long Last)>();
        for (int i = 0; i < Kills; i++) ends.Add(await RunAndKill(folder.Path, id, 20 + random.Next(200)));

        using var kek = FileKeyEncryptionKey.Open(folder.Of("kek"));
        using var vault = new SqliteKeyVault(folder.Of("vault.db"));
        var sink = new ListSink();
        using (RecorderNode node = RecorderNode.Start(
            new RecorderOptions { Node = "rec-a", WalFolder = folder.Of("wal"), Wal = new() { FileSize = 16 << 20 }, CallTimeout = TimeSpan.FromSeconds(30) }, new SystemRecorderClock(), kek, vault, sink))
        {
            Assert.Equal(id, Assert.Single(node.Recovered).Info.Id);
            await node.StopAsync(id, "stopped").WaitAsync(Patience);
        }

        using var reader = new JournalReader(id, folder.Of("recording"), "rec-a", vault, kek);
        JournalChunk[] chunks = [.. reader.Chunks()];
        Assert.Equal(JournalFailure.None, reader.Failure);
        Assert.Equal(Kills, chunks.Count(chunk => (chunk.Header.Flags & ChunkMarks.Restarted) != 0));
        for (int i = 0; i < Kills; i++)
        {
            JournalEntry[] packets = [.. chunks.SelectMany(chunk => chunk.Entries).Where(entry => entry.Track == i + 1 && entry.Type == RecordType.Rtp)];
            double lost = (ends[i].Last - (packets.Length == 0 ? ends[i].First : packets[^1].MonoNanoseconds)) / 1e6;
            Assert.True(lost <= MaxLost, $"{lost:F0} ms lost at kill {i}, seed {seed}");
            Assert.Equal(Enumerable.Range(0, packets.Length), packets.Select(packet => packet.Payload.Span[2] << 8 | packet.Payload.Span[3]));
        }
    }

    /// <summary>Starts the host, kills it after a number of packets.</summary>
    /// <returns>Receive times of the first and the last packet that its tap took, as far as it could say so.</returns>
    private static async Task<(long First, long Last)> RunAndKill(string folder, Guid id, int packets)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Sfu.Recorder.Host.dll"));
        start.ArgumentList.Add(folder);
        start.ArgumentList.Add(id.ToString());
        using Process host = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Patience);
        long first = 0, last = 0;
        int count = 0;
        while (await host.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            // The kill may cut the last line; what is cut is a packet more than can be asked for.
            if (line.Length > 0 && long.TryParse(line, CultureInfo.InvariantCulture, out long at) && at > last) last = at;
            if (first == 0) first = last;
            if (++count == packets) host.Kill();
        }

        await host.WaitForExitAsync(timeout.Token);
        Assert.True(count >= packets, $"The host ended by itself after {count} packets.");
        return (first, last);
    }
}
