namespace Sfu.Recorder.Evidence;

/// <summary>How manifests get their time-stamps.</summary>
public sealed class TimeStampOptions
{
    /// <summary>Wait after the first failure; doubled up to <see cref="MaxRetry"/>. 1 s to 10 min; default 5 s.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait between two tries. 1 min to 1 day; default 15 min.</summary>
    public TimeSpan MaxRetry { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Manifests that wait in memory; more of them are found again on disk. 16 to 1,000,000; default 10,000.</summary>
    public int MaxPending { get; set; } = 10_000;

    /// <summary>What is wrong with the values, or null.</summary>
    public string? Problem()
    {
        if (FirstRetry < TimeSpan.FromSeconds(1) || FirstRetry > TimeSpan.FromMinutes(10)) return $"FirstRetry is {FirstRetry}; use 1 s to 10 min.";
        if (MaxRetry < TimeSpan.FromMinutes(1) || MaxRetry > TimeSpan.FromDays(1)) return $"MaxRetry is {MaxRetry}; use 1 min to 1 day.";
        return MaxPending is < 16 or > 1_000_000 ? $"MaxPending is {MaxPending}; use 16 to 1,000,000." : null;
    }
}
