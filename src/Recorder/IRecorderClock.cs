using Sfu.Media.Time;

namespace Sfu.Recorder;

/// <summary>The clock of the recorder's thread: the one that the media workers stamp packets with.</summary>
public interface IRecorderClock
{
    /// <summary>Now.</summary>
    MediaTime Now { get; }

    /// <summary>Reads both clocks.</summary>
    ClockReading Read();
}
