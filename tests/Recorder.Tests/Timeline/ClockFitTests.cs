using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Recorder.Timeline;

namespace Sfu.Recorder.Tests.Timeline;

public sealed class ClockFitTests
{
    private const double Minute = 60;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(200, 80, 0)]
    [InlineData(-200, 80, 0.5)]
    [InlineData(200, 20, 0.9)]
    public void Fit_OneHour_SoundAndPictureAgree(int skew, int jitterMilliseconds, double reportLoss)
    {
        var sender = new Sender(skew * 1e-6, jitterMilliseconds, reportLoss, seed: 7);
        (double[] audio, double[] video) = sender.Run(60 * Minute);

        Assert.InRange(Percentile(audio, 0.99), 0, 5);
        Assert.InRange(Percentile(video, 0.99), 0, 5);
        Assert.InRange(Percentile([.. audio.Zip(video).Select(pair => pair.First - pair.Second)], 1), 0, 20);
    }

    [Fact]
    public void Fit_RandomSenders_AreWithinTheGate() => Gen.Select(Gen.Int[-300, 300], Gen.Int[0, 120], Gen.Double[0, 0.8], Gen.Int[0, 10_000]).Sample(
        (skew, jitter, loss, seed) =>
        {
            (double[] audio, double[] video) = new Sender(skew * 1e-6, jitter, loss, seed).Run(5 * Minute);
            return Percentile(audio, 0.99) < 8 && Percentile([.. audio.Zip(video).Select(pair => pair.First - pair.Second)], 0.99) < 20;
        }, iter: 40);

    [Fact]
    public void Fit_NoReports_ArrivalsStandIn()
    {
        (double[] audio, double[] video) = new Sender(200e-6, 80, reportLoss: 1, seed: 3).Run(30 * Minute);

        Assert.InRange(Percentile(audio, 0.99), 0, 5);
        Assert.InRange(Percentile(video, 0.99), 0, 12); // fewer packets: the least delay is met less often
    }

    [Fact]
    public void Fit_SenderClockIsSet_TimesGoOn()
    {
        var sender = new Sender(50e-6, 30, 0, seed: 5) { NtpStepAt = 5 * Minute, NtpStep = 3600 };
        (double[] audio, double[] video) = sender.Run(10 * Minute);

        Assert.Equal(2, sender.AudioClock!.Quality.Epochs);
        Assert.InRange(Percentile(audio, 0.99), 0, 5);
        Assert.InRange(Percentile([.. audio.Zip(video).Select(pair => pair.First - pair.Second)], 0.99), 0, 20);
    }

    [Fact]
    public void Fit_RtpClockBeginsAnew_TimesGoOn()
    {
        var sender = new Sender(50e-6, 30, 0, seed: 6) { RtpStepAt = 5 * Minute, RtpStep = 77_777 };
        (double[] audio, _) = sender.Run(10 * Minute);

        Assert.Equal(2, sender.AudioClock!.Quality.Epochs);
        Assert.InRange(Percentile(audio, 0.999), 0, 5);
    }

    [Fact]
    public void Fit_ReportsComeLate_IsNoStep()
    {
        var sender = new Sender(0, 5, 0, seed: 8) { LateReports = true };
        (double[] audio, _) = sender.Run(5 * Minute);

        Assert.Equal(1, sender.AudioClock!.Quality.Epochs);
        Assert.InRange(Percentile(audio, 1), 0, 5);
    }

    [Fact]
    public void ToServerTime_LongPause_WrapsAreNoAmbiguity()
    {
        var sender = new Sender(0, 5, 0, seed: 9) { MuteFrom = 60, MuteTo = 60 + 30 * 3600 }; // 30 h at 90 kHz: two wraps
        (double[] audio, double[] video) = sender.Run(31 * 3600);

        Assert.InRange(Percentile(audio, 0.99), 0, 5);
        Assert.InRange(Percentile(video, 0.99), 0, 5);
    }

    [Fact]
    public void Fit_FewReportsThatAreOff_RunsAtTheNominalRate()
    {
        var stream = new StreamObservations(48_000);
        for (int i = 0; i < 750; i++) stream.OnPacket(new RtpTimestamp((uint)(i * 960)), MediaTime.FromSeconds(1 + i * 0.02));
        foreach ((double at, double off) in (ReadOnlySpan<(double, double)>)[(1, 0.005), (6, 0), (11, -0.005)]) // as a page's sound is reported
            stream.OnSenderReport(NtpTime.FromUnixNanoseconds(1_772_000_000_000_000_000 + (long)((at + off) * 1e9)), new RtpTimestamp((uint)(at * 48_000)), MediaTime.FromSeconds(1 + at));
        StreamClock clock = ClockFit.Fit([stream])[0];

        double[] errors = [.. Enumerable.Range(0, 15).Select(second =>
            clock.ToServerTime(new RtpTimestamp((uint)(second * 48_000)), MediaTime.FromSeconds(1 + second)).Nanoseconds / 1e6 - 1000 * (1 + second))];
        Assert.InRange(errors.Max() - errors.Min(), 0, 3);
    }

    [Fact]
    public void Fit_NothingReceived_GivesAClock() => Assert.Equal(0, ClockFit.Fit([new StreamObservations(48_000)])[0].Quality.Reports);

    [Fact]
    public void ToUtc_BetweenAnchors_RunsEvenly()
    {
        var utc = new ServerUtc();
        utc.Add(MediaTime.FromSeconds(10), 1_000_000_000_000);
        utc.Add(MediaTime.FromSeconds(20), 1_010_001_000_000); // 100 ppm

        Assert.Equal(1_005_000.5, utc.ToUtc(MediaTime.FromSeconds(15)).Subtract(DateTimeOffset.UnixEpoch).TotalMilliseconds, 3);
        Assert.Equal(999_000, utc.ToUtc(MediaTime.FromSeconds(9)).Subtract(DateTimeOffset.UnixEpoch).TotalMilliseconds, 3);
        Assert.Equal(1_011_001, utc.ToUtc(MediaTime.FromSeconds(21)).Subtract(DateTimeOffset.UnixEpoch).TotalMilliseconds, 3);
    }

    private static double Percentile(double[] errors, double share)
    {
        double[] sorted = [.. errors.Select(Math.Abs).Order()];
        return sorted[(int)((sorted.Length - 1) * share)];
    }

    /// <summary>A participant whose clocks are off: its wall clock by an offset and a skew, its sound card by another skew.</summary>
    private sealed class Sender(double skew, int jitterMilliseconds, double reportLoss, int seed)
    {
        private const double WayDelay = 0.030;
        private const double NtpOffset = -12.345;
        private readonly Random _random = new(seed);

        public double NtpStepAt { get; init; } = double.MaxValue;

        public double NtpStep { get; init; }

        public double RtpStepAt { get; init; } = double.MaxValue;

        public double RtpStep { get; init; }

        public double MuteFrom { get; init; } = double.MaxValue;

        public double MuteTo { get; init; } = double.MaxValue;

        public bool LateReports { get; init; }

        public StreamClock? AudioClock { get; private set; }

        /// <summary>Sends, fits, and maps each packet.</summary>
        /// <returns>Errors in milliseconds of both streams, once a second.</returns>
        public (double[] Audio, double[] Video) Run(double seconds)
        {
            var streams = new[] { new StreamObservations(48_000), new StreamObservations(90_000) };
            var probes = new[] { new List<(RtpTimestamp, MediaTime, double)>(), new List<(RtpTimestamp, MediaTime, double)>() };
            double nextReport = 0.4;
            double step = seconds > 7200 ? 1 : 0.02;    // hours of silence need no packet each 20 ms
            for (double t = 0.1; t < seconds; t += step)
            {
                if (t >= MuteFrom && t < MuteTo) continue;
                for (int i = 0; i < 2; i++)
                {
                    if (i == 1 && (int)(t / step + 0.5) % 2 == 1) continue; // pictures at 25 per second
                    RtpTimestamp stamp = Stamp(i, t);
                    MediaTime arrival = MediaTime.FromSeconds(1000 + t + WayDelay + Delay());
                    streams[i].OnPacket(stamp, arrival);
                    if (t % 1 < step && (i == 0 || probes[1].Count < probes[0].Count)) probes[i].Add((stamp, arrival, t));
                }
                if (t < nextReport) continue;
                nextReport = t + 1 + _random.NextDouble();
                for (int i = 0; i < 2; i++)
                {
                    if (_random.NextDouble() < reportLoss) continue;
                    double measured = t + (_random.NextDouble() - 0.5) * 0.001;
                    double late = LateReports && _random.Next(8) == 0 ? 1.5 : 0;
                    streams[i].OnSenderReport(Ntp(measured), Stamp(i, t), MediaTime.FromSeconds(1000 + t + WayDelay + Delay() + late));
                }
            }
            IReadOnlyList<StreamClock> clocks = ClockFit.Fit(streams, TimeSpan.FromSeconds(2 * WayDelay));
            AudioClock = clocks[0];
            double[][] errors = [.. probes.Select((list, i) => list.Select(probe =>
                clocks[i].ToServerTime(probe.Item1, probe.Item2).Nanoseconds / 1e6 - (1000 + probe.Item3) * 1000).ToArray())];
            int common = Math.Min(errors[0].Length, errors[1].Length);
            return (errors[0][..common], errors[1][..common]);
        }

        // The sound card has a crystal of its own; the picture's clock is the system's.
        private RtpTimestamp Stamp(int stream, double t)
        {
            double ticks = stream == 0 ? 4_294_000_000 + t * (1 + skew * 0.7) * 48_000 : 4_293_000_000 + t * (1 + skew) * 90_000;
            if (stream == 0 && t >= RtpStepAt) ticks += RtpStep;
            return new RtpTimestamp((uint)(ulong)Math.Round(ticks));
        }

        private NtpTime Ntp(double t) =>
            NtpTime.FromUnixNanoseconds(1_772_000_000_000_000_000 + (long)((NtpOffset + t * (1 + skew) + (t >= NtpStepAt ? NtpStep : 0)) * 1e9));

        // Mostly a little, sometimes a lot.
        private double Delay() => -Math.Log(1 - _random.NextDouble()) * jitterMilliseconds / 3000 + (_random.Next(200) == 0 ? 0.2 * _random.NextDouble() * jitterMilliseconds / 100 : 0);
    }
}
