// Sfu.Benchmarks recorder [FOLDER]: what the recorder costs by itself. Figures go to SFU_FIGURES; SFU_COST_SECONDS is the length of a load (30).
// Sfu.Benchmarks stages: nanoseconds of each stage of forwarding, as lines of JSON.
// Sfu.Benchmarks forwarder gcm|cm K: nanoseconds of a worker's whole path per forwarded packet with K in a turn, as a line of JSON.
using System.Globalization;
using Sfu.Benchmarks;
using Sfu.Benchmarks.Forwarding;
using Sfu.Tests;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["stages"])
{
    Stages.Run();
    return 0;
}

if (args is ["forwarder", "gcm" or "cm", _] && int.TryParse(args[2], CultureInfo.InvariantCulture, out int perTurn) && perTurn > 0)
{
    Forwarder.Run(args[1], perTurn);
    return 0;
}

if (args is not ["recorder", ..])
{
    Console.Error.WriteLine("usage: Sfu.Benchmarks recorder [FOLDER] | stages | forwarder gcm|cm K");
    return 2;
}

const string by = "tests/Benchmarks/RecorderLoad.cs";
string folder = args.Length > 1 ? args[1] : Path.Combine(Path.GetTempPath(), $"sfu-bench-{Guid.NewGuid():N}");
var span = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("SFU_COST_SECONDS") ?? "30", CultureInfo.InvariantCulture));
try
{
    var load = new RecorderLoad(folder);
    load.Run(10, 10, TimeSpan.FromSeconds(3));                 // the first run compiles
    double videoIdle = RecorderLoad.Idle(200, 0, span / 3), mixedIdle = RecorderLoad.Idle(200, 500, span / 3);
    LoadResult video = load.Run(200, 0, span), mixed = load.Run(200, 500, span);
    Console.WriteLine($"idle: {videoIdle:0.000} and {mixedIdle:0.000} cores\n{video}\n{mixed}");
    double perTrack = (video.Cores - videoIdle) / 200 * 100, cores = mixed.Cores - mixedIdle;
    bool isGood = perTrack <= 0.2 && cores <= 0.5 && mixed.Written.P99 <= 300 && mixed.Unarchived == 0 && video.Unarchived == 0;
    Figures.Add(
        "cost-recorder",
        new("Cost", "one core's share per 1 Mbit/s video track, recorder alone, 200 tracks, segments signed", $"{perTrack:0.000} %", "<= 0.2 %", by),
        new("Cost", $"cores, 200 video + 500 audio tracks for {span.TotalSeconds:0} s", $"{cores:0.00}", "<= 0.5", by),
        new("Cost", "commit lag of that, p50 / p99 / worst", $"{mixed.Written.P50:0} / {mixed.Written.P99:0} / {mixed.Written.Max:0} ms", "p99 <= 300 ms", by),
        new("Cost", "until it is on the disk, p50 / p99 / worst", $"{mixed.Synced.P50:0} / {mixed.Synced.P99:0} / {mixed.Synced.Max:0} ms", "sync interval 1 s", by),
        new("Cost", $"packets in no signed segment, of {mixed.Packets + video.Packets}", $"{mixed.Unarchived + video.Unarchived}", "0", by),
        new("Cost", "managed bytes allocated per packet, whole process: chunks and keys, none for packets", $"{mixed.BytesPerPacket:0.0}", "reported", by));
    return isGood ? 0 : 1;
}
finally
{
    if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
}
