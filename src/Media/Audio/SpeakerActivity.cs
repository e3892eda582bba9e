using Sfu.Media.Time;

namespace Sfu.Media.Audio;

/// <summary>The last second of one audio producer's levels, and how likely it holds speech. Made by <see cref="ActiveSpeakerDetector"/>.</summary>
/// <remarks>Owned by one media worker; told the time; no allocation after construction. Levels are what the sender claims
/// (RFC 6464): nothing verifies them here.</remarks>
public sealed class SpeakerActivity
{
    internal static readonly SpeechScore Immediate = new(Steps, 0.78);
    internal static readonly SpeechScore Medium = new(SamplesPerBlock, 24);
    internal static readonly SpeechScore Long = new(Blocks, 47);

    private const int MaxLevel = 127;
    private const int Steps = 13;
    private const int StepSize = 10;                   // 127 dB in 13 steps
    private const int SamplesPerBlock = 5;
    private const int Blocks = 10;
    private const int Samples = Blocks * SamplesPerBlock;
    private const int MediumThreshold = 7;             // steps that make a sample active
    private const int LongThreshold = 4;               // active samples that make a block active
    private const long SampleNanoseconds = 20_000_000;
    private const long HoldSamples = 3;                // one 60 ms packet, the longest Opus frame, fills three samples
    private const long FloorWindowSamples = 750;       // 15 s
    private const int LoudnessSamples = 20;            // 400 ms
    private const int SpeakingLevel = MaxLevel - 35;   // -35 dBov, for 40 % of the time (LiveKit audio/audiolevel.go)
    private const int SpeakingSamples = LoudnessSamples * 2 / 5;
    private const double SmoothFactor = 2.0 / 3;       // exponential mean over two windows
    private static readonly double SpeakingAmplitude = Math.Pow(10, -35.5 / 20);

    private readonly byte[] _levels = new byte[Samples]; // 0 silence to 127, by sample number
    private long _sample = -1;                         // number of the newest sample
    private long _lastHeard = long.MinValue / 2;
    private byte _lastLevel;
    private byte _floor;                               // least level of this window and the one before: the noise of this microphone
    private byte _floorBefore;
    private long _floorWindowEnd;
    private double _amplitude;

    internal SpeakerActivity(object owner) => Owner = owner;

    /// <summary>Whom the levels belong to, as the detector's user said.</summary>
    public object Owner { get; }

    /// <summary>Loud enough for long enough to be in the list of speakers, as of the last evaluation.</summary>
    public bool IsSpeaking { get; private set; }

    /// <summary>Smoothed loudness as of the last evaluation, -127 to 0 dBov.</summary>
    public int Level => _amplitude <= 0 ? -MaxLevel : (int)Math.Clamp(Math.Round(20 * Math.Log10(_amplitude)), -MaxLevel, 0);

    internal double ImmediateScore { get; private set; }

    internal double MediumScore { get; private set; }

    internal double LongScore { get; private set; }

    internal double Amplitude => _amplitude;

    /// <summary>Takes the level of one packet.</summary>
    /// <param name="now">When it arrived.</param>
    /// <param name="level">As in the header extension: 0 (loudest) to 127 (silence), in -dBov; the voice bit is not part of it.</param>
    public void OnLevel(MediaTime now, byte level)
    {
        byte loudness = (byte)(MaxLevel - Math.Min(level, (byte)MaxLevel));
        long sample = now.Nanoseconds / SampleNanoseconds;
        if (sample == _sample && _lastHeard == sample) loudness = Math.Max(loudness, _levels[Slot(sample)]);
        Advance(sample);
        _levels[Slot(_sample)] = loudness;
        _lastHeard = _sample;
        _lastLevel = loudness;
        UpdateFloor(loudness);
    }

    /// <summary>Computes the scores and the loudness of the time up to now.</summary>
    internal void Evaluate(MediaTime now)
    {
        Advance(now.Nanoseconds / SampleNanoseconds);
        int longActive = 0, mediumNewest = 0;
        for (int block = 0; block < Blocks; block++)
        {
            int active = 0;
            for (int i = 0; i < SamplesPerBlock; i++)
                if (StepsOf(_sample - block * SamplesPerBlock - i) > MediumThreshold) active++;
            if (block == 0) mediumNewest = active;
            if (active > LongThreshold) longActive++;
        }
        ImmediateScore = Immediate[StepsOf(_sample)];
        MediumScore = Medium[mediumNewest];
        LongScore = Long[longActive];
        EvaluateLoudness();
    }

    private void EvaluateLoudness()
    {
        int loudest = 0, active = 0;
        for (int i = 0; i < LoudnessSamples; i++)
        {
            byte level = LevelAt(_sample - i);
            if (level < SpeakingLevel) continue;
            active++;
            loudest = Math.Max(loudest, level);
        }
        double amplitude = active < SpeakingSamples ? 0 : Math.Pow(10, (loudest - MaxLevel) / 20.0) * active / LoudnessSamples;
        _amplitude += (amplitude - _amplitude) * SmoothFactor;
        if (_amplitude < 1e-6) _amplitude = 0;
        IsSpeaking = _amplitude >= SpeakingAmplitude;
    }

    private int StepsOf(long sample)
    {
        int level = LevelAt(sample);
        return level < Math.Min(_floor, _floorBefore) + StepSize ? 0 : level / StepSize;
    }

    private byte LevelAt(long sample) => sample < 0 ? (byte)0 : _levels[Slot(sample)];

    // Samples without a packet repeat the last level for as long as one packet may last, then they are silence: discontinuous
    // transmission and loss look the same here.
    private void Advance(long sample)
    {
        if (sample <= _sample) return;
        if (sample - _sample > Samples)
        {
            Array.Clear(_levels);
            _sample = sample - 1;
        }
        while (_sample < sample)
        {
            _sample++;
            _levels[Slot(_sample)] = _sample - _lastHeard < HoldSamples ? _lastLevel : (byte)0;
        }
    }

    private void UpdateFloor(byte level)
    {
        if (level == 0) return;                        // digital silence is no noise floor
        if (_sample >= _floorWindowEnd)
        {
            _floorBefore = _floorWindowEnd == 0 ? level : _floor;
            _floor = level;
            _floorWindowEnd = _sample + FloorWindowSamples;
        }
        _floor = Math.Min(_floor, level);
    }

    private static int Slot(long sample) => (int)(sample % Samples);
}
