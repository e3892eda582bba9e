namespace Sfu.Recorder.Journal;

/// <summary>How far the wall clock may be from UTC.</summary>
public enum ClockErrorClass : byte
{
    /// <summary>Nobody says.</summary>
    Unknown = 0,

    /// <summary>At most 1 ms.</summary>
    OneMillisecond = 1,

    /// <summary>At most 10 ms.</summary>
    TenMilliseconds = 2,

    /// <summary>At most 100 ms.</summary>
    HundredMilliseconds = 3,

    /// <summary>At most 1 s.</summary>
    OneSecond = 4,

    /// <summary>More.</summary>
    Worse = 5,
}
