using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Nodes.Recording;
using Sfu.Observability;
using Sfu.Recorder.Disk;
using Sfu.Tests.Observability;

namespace Sfu.Tests.Nodes;

/// <summary>Once a second the disk is asked how full it is; what it may be used for follows from the fuller of its folders.</summary>
public sealed class DiskWatchTests : IDisposable
{
    private readonly FakeDiskSpace _disk = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<DiskWatch> _log = new();
    private readonly DiskWatch _watch;

    public DiskWatchTests() => _watch = _disk.Watch(_time, _log);

    public void Dispose() => _watch.Dispose();

    [Fact]
    public async Task Start_FullDisk_IsKnownWhenItReturns()
    {
        _disk.Taken = _ => 0.9;
        await _watch.StartAsync(default);

        Assert.Equal(DiskLevel.NoNewRecordings, _watch.Level);
        Assert.Equal(0.9, _watch.UseOf(DiskFolder.Recorder).Fraction, 3);
        await _watch.StopAsync(default);
    }

    [Fact]
    public async Task Tick_EachChange_IsToldAndLoggedOnce()
    {
        var told = new List<DiskLevel>();
        _watch.Changed += told.Add;
        await _watch.StartAsync(default);
        foreach ((double taken, DiskLevel level) in new[] { (0.8, DiskLevel.NoDerivations), (0.9, DiskLevel.NoNewRecordings), (0.98, DiskLevel.Closed), (0.1, DiskLevel.Roomy) })
        {
            _disk.Taken = _ => taken;
            await AdvanceUntilAsync(() => _watch.Level == level && _watch.UseOf(DiskFolder.Recordings).Fraction > taken - 0.01);
            await AskAgainAsync();
        }

        Assert.Equal([DiskLevel.NoDerivations, DiskLevel.NoNewRecordings, DiskLevel.Closed, DiskLevel.Roomy], told);
        Assert.Equal(4, Logged(3195));
        await _watch.StopAsync(default);
    }

    [Theory]
    [InlineData("/data/recorder")]
    [InlineData("/data/recordings")]
    public async Task Tick_TwoFileSystems_TheFullerCounts(string full)
    {
        _disk.Taken = folder => folder == full ? 0.99 : 0.1;
        await _watch.StartAsync(default);

        Assert.Equal(DiskLevel.Closed, _watch.Level);
        Assert.Contains("99.0 % full, with 10 MiB free", _watch.NoDerivations, StringComparison.Ordinal);
        await _watch.StopAsync(default);
    }

    [Fact]
    public async Task Tick_DiskThatHangs_KeepsItsLevelAndIsAskedOnce()
    {
        _disk.Taken = _ => 0.9;
        await _watch.StartAsync(default);
        using var hangs = new ManualResetEventSlim();
        _disk.Taken = _ => { hangs.Wait(); return 0.1; };
        await AdvanceUntilAsync(() => _disk.Asked == 3);       // two folders at the start, and the one that hangs
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((3, DiskLevel.NoNewRecordings), (_disk.Asked, _watch.Level));

        hangs.Set();
        await AdvanceUntilAsync(() => _watch.Level == DiskLevel.Roomy);
        await _watch.StopAsync(default);
    }

    [Fact]
    public async Task Tick_DiskThatDoesNotTell_KeepsItsLevelAndIsLoggedOnce()
    {
        _disk.Taken = _ => 0.8;
        await _watch.StartAsync(default);
        _disk.Taken = _ => throw new IOException("gone");
        for (int i = 0; i < 3; i++) await AskAgainAsync();
        Assert.Equal(DiskLevel.NoDerivations, _watch.Level);
        Assert.InRange(Logged(3196), 1, 2);                // one for each folder, not one for each second

        _disk.Taken = _ => 0.1;
        await AdvanceUntilAsync(() => _watch.Level == DiskLevel.Roomy);
        await _watch.StopAsync(default);
    }

    [Fact]
    public async Task Metrics_FullDisk_ShowShareAmountAndLevel()
    {
        _disk.Taken = folder => folder == "/data/recorder" ? 0.875 : 0.5;
        await _watch.StartAsync(default);
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        _ = new RecorderMetrics(registry, Metrics.WithCustomRegistry(registry), null, _watch);
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream);
        string[] shown = System.Text.Encoding.UTF8.GetString(stream.ToArray()).Split('\n');

        Assert.Contains("sfu_recording_disk_used_ratio{folder=\"recorder\"} 0.875", shown);
        Assert.Contains("sfu_recording_disk_used_ratio{folder=\"recordings\"} 0.5", shown);
        Assert.Contains("sfu_recording_disk_free_bytes{folder=\"recorder\"} 134217728", shown);
        Assert.Contains("sfu_recording_disk_level 2", shown);
        await _watch.StopAsync(default);
    }

    [Fact]
    public void Measure_FolderThatIsNotThere_IsThatOfTheNearestAboveIt()
    {
        string folder = Directory.CreateTempSubdirectory("sfu-drive-").FullName;
        try
        {
            var drives = new DriveSpace();
            File.WriteAllBytes(Path.Combine(folder, "one"), new byte[1 << 20]);    // a disk in memory may be empty
            DiskUse there = drives.Measure(folder), below = drives.Measure(Path.Combine(folder, "a", "b"));

            Assert.True(there.Used >= 1 << 20 && there.Free > 0, there.ToString());
            Assert.Equal(there.Size, below.Size);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private int Logged(int id) => _log.Entries.Count(entry => entry.Id.Id == id);

    /// <summary>Lets the disk be asked once more, wholly.</summary>
    private async Task AskAgainAsync()
    {
        int asked = _disk.Asked;
        await AdvanceUntilAsync(() => _disk.Asked >= asked + 4);
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.TrueAsync(condition, () => _time.Advance(TimeSpan.FromSeconds(1)));
}
