namespace Sfu.Recorder.Timeline;

/// <summary>How well the clock of a stream is known.</summary>
/// <param name="Reports">Sender reports used; 0: the arrival of packets stands in.</param>
/// <param name="Epochs">Stretches between steps of the sender's clocks.</param>
/// <param name="ResidualP99">99th percentile of how far the reports are from the fit, in nanoseconds.</param>
/// <param name="Skew">How much the sender's RTP clock runs fast against the server's, as a fraction.</param>
public readonly record struct ClockFitQuality(int Reports, int Epochs, double ResidualP99, double Skew);
