using System.Diagnostics;
using System.Globalization;
using Sfu.Configuration;
using Sfu.Media.Native;
using Sfu.Nodes.Workers;

namespace Sfu.Tests.Hosting;

/// <summary>How the kernel lets the media workers run beside the rest of the server, with and without the right to ask for more.</summary>
public sealed class SchedulingTests : IDisposable
{
    private const int Nice = 19 - 3;                       // fields of proc_pid_stat(5), which counts from 1; the third is the first here
    private const int Policy = 41 - 3;
    private static readonly string[] WithoutLimits = ["prlimit", "--nice=0", "--rtprio=0"];
    private static readonly string[] WithoutRights =       // who has no rights may not take them off either
        Environment.IsPrivilegedProcess ? [.. WithoutLimits, "setpriv", "--inh-caps=-sys_nice", "--bounding-set=-sys_nice"] : WithoutLimits;

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"sfu-scheduling-{Guid.NewGuid():N}");

    [Theory]
    [InlineData(WorkerScheduling.Auto, 2, 2, ThreadPolicy.Fifo, 0.6)]
    [InlineData(WorkerScheduling.Auto, 1, 1, ThreadPolicy.Fifo, 0.6)]
    [InlineData(WorkerScheduling.Auto, 1, 2, ThreadPolicy.Fifo, 1)]
    [InlineData(WorkerScheduling.Auto, 8, 4, ThreadPolicy.Fifo, 0.6)]
    [InlineData(WorkerScheduling.Fifo, 2, 2, ThreadPolicy.Fifo, 1)]
    [InlineData(WorkerScheduling.Nice, 1, 8, ThreadPolicy.Nice, 1)]
    [InlineData(WorkerScheduling.Normal, 1, 8, ThreadPolicy.Normal, 1)]
    public void Best_InRealTime_TheLoadedOnlyWhileACoreIsFreeOfThem(WorkerScheduling asked, int workers, int cores, ThreadPolicy best, double upTo)
    {
        Assert.Equal(best, WorkerSchedule.Best(asked));
        Assert.Equal(upTo, WorkerSchedule.RealTimeUpTo(asked, workers, cores));
    }

    [Theory]
    [Trait("Tier", "default")]
    [InlineData("nice")]
    [InlineData("fifo")]
    [InlineData("normal")]
    public async Task Server_WithTheHostsRights_SaysWhatTheKernelDoes(string asked)
    {
        string granted = asked switch
        {
            "fifo" when HostRights.MayBeRealTime => "fifo",
            "fifo" or "nice" when HostRights.MayBeNice => "nice",
            _ => "normal",
        };

        int own = await OwnNiceAsync();

        await using ServerProcess server = await StartAsync([], asked);

        await AssertSaysAsync(server, granted);
        Assert.Equal(asked != granted, server.Output.Contains($"Sfu:Media:Scheduling is {asked}", StringComparison.OrdinalIgnoreCase));
        Assert.All(server.ReadThreads(), thread =>
        {
            bool isWorker = thread.Name.StartsWith("media-", StringComparison.Ordinal);
            bool isRaised = HostRights.MayBeNice && granted != "normal" && (isWorker || thread.Name == "recorder");
            Assert.Equal((thread.Name, isRaised ? "-10" : $"{own}"), (thread.Name, thread.Fields[Nice]));
            Assert.Equal((thread.Name, isWorker && granted == "fifo" ? "1" : "0"), (thread.Name, thread.Fields[Policy]));
        });
        Assert.Equal(2, server.ReadThreads().Count(thread => thread.Name is "media-0" or "recorder"));
    }

    [Theory]
    [Trait("Tier", "default")]
    [InlineData("auto", "0.6")]
    [InlineData("fifo", "1")]
    public async Task Server_NoCoreFreeOfWorkers_SaysWhenOneLeavesRealTime(string asked, string upTo)
    {
        await using ServerProcess server = await StartAsync([], asked, $"Media:Workers={Environment.ProcessorCount}");

        Assert.Contains($"one leaves real time above a busy share of {upTo}", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Tier", "default")]
    public async Task Server_WithoutRights_StepsBackBehindItsWorkers()
    {
        int own = await OwnNiceAsync();

        await using ServerProcess server = await StartAsync(WithoutRights, "auto");

        await AssertSaysAsync(server, "others_lowered");
        IReadOnlyList<(string Name, string[] Fields)> threads = server.ReadThreads();
        Assert.True(threads.Count > 10, $"{threads.Count} threads");
        Assert.All(threads, thread => Assert.Equal((thread.Name, thread.Name == "media-0" ? $"{own}" : $"{own + ThreadSchedule.StepBack}"), (thread.Name, thread.Fields[Nice])));
    }

    [Fact]
    [Trait("Tier", "default")]
    public async Task Server_WithoutRightsAndAskedForThem_Warns()
    {
        int own = await OwnNiceAsync();

        await using ServerProcess server = await StartAsync(WithoutRights, "fifo");

        await AssertSaysAsync(server, "normal");
        Assert.Contains("Sfu:Media:Scheduling is Fifo, and the kernel grants Normal", server.Output, StringComparison.Ordinal);
        Assert.All(server.ReadThreads(), thread => Assert.Equal((thread.Name, $"{own}"), (thread.Name, thread.Fields[Nice])));
    }

    public void Dispose()
    {
        if (Directory.Exists(_data)) Directory.Delete(_data, recursive: true);
    }

    private Task<ServerProcess> StartAsync(string[] program, string asked, params string[] options) =>
        ServerProcess.StartByAsync(
            program, [$"DataDirectory={_data}", $"Media:Scheduling={asked}", "Recording:Policy=best_effort", "Recording:LogFileSize=1048576", .. options]);

    /// <summary>What a process that is started here has: hosts of other tests in this one may have stepped back behind their workers.</summary>
    private static async Task<int> OwnNiceAsync()
    {
        using Process process = Process.Start(new ProcessStartInfo("nice") { RedirectStandardOutput = true })!;
        return int.Parse(await process.StandardOutput.ReadToEndAsync(), CultureInfo.InvariantCulture);
    }

    private static async Task AssertSaysAsync(ServerProcess server, string policy)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        string metrics = await client.GetStringAsync(new Uri($"{server.Url}/metrics"));
        string[] said = [.. metrics.Split('\n').Where(line => line.StartsWith("sfu_worker_scheduling_info{", StringComparison.Ordinal))];
        Assert.Equal([$"sfu_worker_scheduling_info{{policy=\"{policy}\"}} 1"], said);
    }
}
