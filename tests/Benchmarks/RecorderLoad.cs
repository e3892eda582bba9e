using System.Diagnostics;
using Sfu.Recorder;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Keys;

namespace Sfu.Benchmarks;

/// <summary>The recorder alone under load, as the server hosts it: real clock, real disk, signed segments.</summary>
/// <param name="folder">Where to record; on the disk that is to be measured.</param>
internal sealed class RecorderLoad(string folder)
{
    private static readonly SystemRecorderClock Clock = new();

    /// <summary>CPU of the process while the same packets are made and nothing is recorded, in cores.</summary>
    public static double Idle(int video, int audio, TimeSpan span)
    {
        var injector = new Injector(new RecordingTap?[video + audio], video);
        TimeSpan before = Cpu();
        long began = Stopwatch.GetTimestamp();
        injector.Run(Clock, Clock.Now + span);
        return (Cpu() - before) / Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Records all tracks in one recording, seals it, and says what that took.</summary>
    public LoadResult Run(int video, int audio, TimeSpan span)
    {
        string home = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        using FileKeyEncryptionKey kek = FileKeyEncryptionKey.Open(Path.Combine(home, "kek"));
        using var vault = new SqliteKeyVault(Path.Combine(home, "vault.db"));
        using SigningKeys keys = SigningKeys.Open(Path.Combine(home, "signing"), "bench", new SigningKeyOptions());
        using LocalTimeAuthority authority = LocalTimeAuthority.Open(Path.Combine(home, "authority"), TimeProvider.System);
        var sink = new CountingSink(new EvidenceSink(keys, authority.CertificatePem, vault, kek, _ => { }, TimeProvider.System));
        var options = new RecorderOptions { Node = "bench", WalFolder = Path.Combine(home, "wal") };
        using RecorderNode node = RecorderNode.Start(options, Clock, kek, vault, sink);
        Guid id = Guid.CreateVersion7();
        node.OpenRecordingAsync(new RecordingInfo(id, "default", "bench", "required", Path.Combine(home, "recording"), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000))
            .GetAwaiter().GetResult();
        RecordingTap[] taps = AddTracks(node, id, video, audio);
        using var lag = new LagSampler(node, options);
        var injector = new Injector(taps, video);
        injector.Run(Clock, Clock.Now + TimeSpan.FromSeconds(2));   // code is compiled, buffers have grown
        long warm = injector.Packets, allocated = GC.GetTotalAllocatedBytes(precise: true);
        lag.Start();
        TimeSpan cpu = Cpu();
        long began = Stopwatch.GetTimestamp();
        injector.Run(Clock, Clock.Now + span);
        TimeSpan ran = Stopwatch.GetElapsedTime(began);
        lag.Stop();
        double perPacket = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)(injector.Packets - warm);
        foreach (RecordingTap tap in taps) node.CloseTrackAsync(tap).GetAwaiter().GetResult();
        node.StopAsync(id, "stopped").GetAwaiter().GetResult();
        // Writing and signing the segment belongs to what those seconds cost.
        return new LoadResult(video, audio, injector.Packets, injector.Packets - sink.Packets, node.Health.Refused, (Cpu() - cpu) / ran, perPacket, lag.Written, lag.Synced);
    }

    private static RecordingTap[] AddTracks(RecorderNode node, Guid recording, int video, int audio)
    {
        CaptureRing ring = node.AddRing();
        var taps = new RecordingTap[video + audio];
        for (int i = 0; i < taps.Length; i++)
        {
            bool isVideo = i < video;
            var track = new TrackInfo(
                0, $"PA_{i}", $"p{i}", isVideo ? "video" : "audio", isVideo ? "camera" : "microphone",
                [isVideo ? new TrackFormat(96, "vp8", 90_000, "") : new TrackFormat(96, "opus", 48_000, "")], []);
            taps[i] = node.AddTrackAsync(recording, track, ring, TapGate.Open).GetAwaiter().GetResult();
        }

        return taps;
    }

    private static TimeSpan Cpu()
    {
        using Process self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }
}

/// <summary>What one load cost.</summary>
/// <param name="Video">Video tracks of 1 Mbit/s.</param>
/// <param name="Audio">Audio tracks of 32 kbit/s.</param>
/// <param name="Packets">Handed to the taps.</param>
/// <param name="Unarchived">Of them in no signed segment.</param>
/// <param name="Refused">Of them refused by a full ring.</param>
/// <param name="Cores">CPU of the process, in cores, making the packets included.</param>
/// <param name="BytesPerPacket">Managed bytes allocated per packet by the whole process, all else than packets included.</param>
/// <param name="Written">Commit lag: age of the oldest record that the operating system does not have; milliseconds.</param>
/// <param name="Synced">The same for the disk.</param>
internal sealed record LoadResult(
    int Video, int Audio, long Packets, long Unarchived, long Refused, double Cores, double BytesPerPacket, Percentiles Written, Percentiles Synced);
