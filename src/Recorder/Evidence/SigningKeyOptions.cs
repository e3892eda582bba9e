namespace Sfu.Recorder.Evidence;

/// <summary>Life of the keys that sign manifests.</summary>
public sealed class SigningKeyOptions
{
    /// <summary>Age at which a signer begins no new recording and a fresh one takes over. 1 to 365 days; default 30.</summary>
    public TimeSpan RotateAfter { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How much longer a signer may end the recordings it began. 1 to 365 days; default 60.</summary>
    public TimeSpan Overlap { get; set; } = TimeSpan.FromDays(60);

    /// <summary>What is wrong with the values, or null.</summary>
    public string? Problem()
    {
        if (!IsDays(RotateAfter)) return $"RotateAfter is {RotateAfter}; use 1 to 365 days.";
        return IsDays(Overlap) ? null : $"Overlap is {Overlap}; use 1 to 365 days.";
    }

    private static bool IsDays(TimeSpan time) => time >= TimeSpan.FromDays(1) && time <= TimeSpan.FromDays(365);
}
