using System.Globalization;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Recorder.Disk;

namespace Sfu.Nodes.Recording;

/// <summary>Looks once a second how full the disk of the recorder is, and says what it may still be used for. The fuller of its folders counts.</summary>
/// <remarks>What it says is for any thread. It asks on a thread of its own, one question at a time: a file system that hangs keeps that thread and
/// nothing else, the level stays as it was, and what hangs is found by the recorder's lag. The thread lives as long as the watch: to start one costs
/// more than to ask, and a process that starts one each second grows by what the allocator keeps for each.</remarks>
internal sealed class DiskWatch(
    IDiskSpace space, IOptions<ServerOptions> server, IOptions<RecordingDiskOptions> options, TimeProvider time, ILogger<DiskWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly DiskFolder[] Folders = Enum.GetValues<DiskFolder>();

    private readonly Lock _gate = new();
    private readonly (DiskUse Use, DiskLevel Level)[] _seen = new (DiskUse, DiskLevel)[Folders.Length];
    private readonly object _questions = new();            // guards the two below, and is waited on
    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isAsked;
    private bool _isOver;
    private bool _isFailing;
    private volatile DiskLevel _level;

    /// <summary>What the disk may be used for; <see cref="DiskLevel.Roomy"/> before it was asked.</summary>
    internal DiskLevel Level => _level;

    /// <summary>The level is another than before. Raised on the thread that asks; handlers return at once and do not throw.</summary>
    internal event Action<DiskLevel>? Changed;

    /// <summary>Why no playable files are made now, for people; null while they are.</summary>
    internal string? NoDerivations => Level < DiskLevel.NoDerivations ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"The disk of recordings is {100 * Fullest.Fraction:0.0} % full, with {Fullest.Free >> 20} MiB free; beyond {100 * options.Value.NoDerivationsAbove:0.##} % no playable files are made (Sfu:Recording:Disk). Make room and ask again.");

    private DiskUse Fullest
    {
        get
        {
            lock (_gate) return _seen.MaxBy(one => (one.Level, one.Use.Fraction)).Use;
        }
    }

    /// <summary>How full the file system of a folder was when it was asked last; nothing used and nothing free before.</summary>
    internal DiskUse UseOf(DiskFolder folder)
    {
        lock (_gate) return _seen[(int)folder].Use;
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Who is started after it begins with what the disk says, if the disk says it.
        new Thread(Answer) { IsBackground = true, Name = "disk" }.Start();
        Ask();
        await _firstAnswer.Task.WaitAsync(Interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (_questions)
        {
            _isOver = true;
            Monitor.Pulse(_questions);
        }

        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Ask();
    }

    /// <summary>Asks, unless the last question has no answer yet.</summary>
    private void Ask()
    {
        lock (_questions)
        {
            _isAsked = true;
            Monitor.Pulse(_questions);
        }
    }

    /// <summary>The thread.</summary>
    private void Answer()
    {
        while (WaitForQuestion())
        {
            Measure();
            lock (_questions) _isAsked = false;            // what was asked meanwhile has this answer
            _firstAnswer.TrySetResult();
        }
    }

    /// <returns>False when there will be none any more.</returns>
    private bool WaitForQuestion()
    {
        lock (_questions)
        {
            while (!_isAsked && !_isOver) Monitor.Wait(_questions);
            return !_isOver;
        }
    }

    private void Measure()
    {
        bool failed = false;
        foreach (DiskFolder folder in Folders) failed |= !TryMeasure(folder);
        _isFailing = failed;
        DiskLevel level = _seen.Max(one => one.Level);
        if (level == _level) return;
        _level = level;
        LogLevel severity = level switch { DiskLevel.Roomy => LogLevel.Information, DiskLevel.Closed => LogLevel.Error, _ => LogLevel.Warning };
        string effect = EffectOf(level);
        logger.DiskLevelChanged(severity, 100 * Fullest.Fraction, Fullest.Free >> 20, effect);
        Changed?.Invoke(level);
    }

    private static string EffectOf(DiskLevel level) => level switch
    {
        DiskLevel.Closed => "nothing is recorded, calls that must be end after 15 s; make room now",
        DiskLevel.NoNewRecordings => "no recording begins, new calls that must be recorded are refused; make room",
        DiskLevel.NoDerivations => "no playable files are made; make room",
        _ => "there is room for everything",
    };

    private bool TryMeasure(DiskFolder folder)
    {
        string path = Path.Combine(server.Value.DataDirectory, folder == DiskFolder.Recorder ? "recorder" : "recordings");
        try
        {
            DiskUse use = space.Measure(path);
            DiskLevel level = options.Value.Limits.At(use, _seen[(int)folder].Level);
            lock (_gate) _seen[(int)folder] = (use, level);
            return true;
        }
        catch (Exception e)
        {
            if (!_isFailing) logger.DiskNotMeasured(e, path);
            return false;
        }
    }
}
