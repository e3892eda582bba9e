using CsCheck;
using Sfu.Media.Audio;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Audio;

[Collection("alone")]
public sealed class ActiveSpeakerDetectorTests
{
    private const byte Loud = 20;
    private const byte Soft = 30;
    private const byte Noise = 75;

    /// <summary>Virtual time in 20 ms packets; each speaker's level is a function of the time in ms, null = no packet.</summary>
    private sealed class Scene(int speakers = 2)
    {
        private readonly List<SpeakerActivity> _activities = [];
        private long _ms = 1000;

        public ActiveSpeakerDetector Detector { get; } = new(100);

        public IReadOnlyList<SpeakerActivity> Activities => _activities;

        public int Changes { get; private set; }

        public SpeakerActivity this[int index] => _activities[index];

        public MediaTime Now => MediaTime.FromMilliseconds(_ms);

        public Scene Open()
        {
            for (int i = 0; i < speakers; i++) _activities.Add(Detector.Add(Now, i)!);
            return this;
        }

        public void Run(int milliseconds, params Func<long, byte?>[] levels)
        {
            for (long end = _ms + milliseconds; _ms < end; _ms += 20)
            {
                for (int i = 0; i < levels.Length; i++)
                    if (levels[i](_ms) is { } level) _activities[i].OnLevel(Now, level);
                if (Detector.NextDeadline <= Now && Detector.Poll(Now)) Changes++;
            }
        }
    }

    private static byte? Silent(long ms) => Noise;

    // Speech is loud most of the time, with the pauses between words.
    private static Func<long, byte?> Speech(byte level) => ms => ms % 700 < 550 ? level : Noise;

    [Fact]
    public void Poll_NobodySpeaks_HasNoDominantSpeaker()
    {
        Scene scene = new Scene().Open();
        scene.Run(5000, Silent, Silent);

        Assert.Null(scene.Detector.Dominant);
        Assert.Equal(0, scene.Detector.Speaking.Length);
        Assert.Equal(0, scene.Changes);
    }

    [Fact]
    public void Poll_OneSpeaks_IsDominantWithinASecond()
    {
        Scene scene = new Scene().Open();
        scene.Run(2000, Silent, Silent);
        scene.Run(1000, Silent, Speech(Loud));

        Assert.Same(scene[1], scene.Detector.Dominant);
        Assert.Equal([scene[1]], scene.Detector.Speaking.ToArray());
        Assert.InRange(scene[1].Level, -28, -20);
    }

    [Fact]
    public void Poll_SpeakerStops_StaysDominantButIsNotListed()
    {
        Scene scene = new Scene().Open();
        scene.Run(2000, Silent, Speech(Loud));
        scene.Run(3000, Silent, Silent);

        Assert.Same(scene[1], scene.Detector.Dominant);
        Assert.Equal(0, scene.Detector.Speaking.Length);
    }

    [Fact]
    public void Poll_OtherTakesOver_ChangesTheDominantOnce()
    {
        Scene scene = new Scene().Open();
        scene.Run(3000, Speech(Loud), Silent);
        Assert.Same(scene[0], scene.Detector.Dominant);
        scene.Run(3000, Silent, Speech(Loud));

        Assert.Same(scene[1], scene.Detector.Dominant);
    }

    [Fact]
    public void Poll_CoughDuringSpeech_DoesNotTakeOver()
    {
        Scene scene = new Scene().Open();
        scene.Run(3000, Speech(Soft), Silent);
        for (int i = 0; i < 10; i++)
        {
            scene.Run(100, Speech(Soft), _ => 5);
            scene.Run(900, Speech(Soft), Silent);
            Assert.Same(scene[0], scene.Detector.Dominant);
        }
    }

    [Fact]
    public void Poll_ConstantNoise_IsLearntAsFloor()
    {
        Scene scene = new Scene().Open();
        // A fan at -45 dBov all the time is above the speech step, until the floor knows it: then real speech wins over it.
        scene.Run(2000, _ => 45, Silent);
        scene.Run(2000, _ => 45, Speech(Loud));

        Assert.Same(scene[1], scene.Detector.Dominant);
        scene.Run(3000, _ => 45, Silent);
        Assert.Same(scene[1], scene.Detector.Dominant);                // the fan does not win it back
    }

    [Fact]
    public void Poll_PacketsStop_CountAsSilence()
    {
        Scene scene = new Scene().Open();
        scene.Run(3000, Speech(Loud), Silent);
        scene.Run(1500, _ => null, Silent);

        Assert.Equal(0, scene.Detector.Speaking.Length);
        Assert.InRange(scene[0].Level, -127, -45);                     // the mean dies away
    }

    [Fact]
    public void Poll_LongPackets_SpeakToo()
    {
        Scene scene = new Scene().Open();
        scene.Run(2000, ms => ms % 60 != 0 ? null : ms % 700 < 550 ? Loud : Noise, Silent);

        Assert.Same(scene[0], scene.Detector.Dominant);
        Assert.True(scene[0].IsSpeaking);
    }

    [Fact]
    public void Speaking_SeveralAtOnce_AreLoudestFirst()
    {
        Scene scene = new Scene(3).Open();
        scene.Run(2000, Speech(30), Speech(10), Speech(20));

        Assert.Equal([scene[1], scene[2], scene[0]], scene.Detector.Speaking.ToArray());
    }

    [Fact]
    public void Poll_NothingChanges_SaysSo()
    {
        Scene scene = new Scene().Open();
        scene.Run(1000, Silent, Silent);
        scene.Run(3000, _ => Loud, Silent);
        Assert.Equal([scene[0]], scene.Detector.Speaking.ToArray());
        int changes = scene.Changes;
        scene.Run(3000, _ => Loud, Silent);

        Assert.Equal(changes, scene.Changes);
    }

    [Fact]
    public void Remove_TheDominantSpeaker_IsReportedAndForgotten()
    {
        Scene scene = new Scene().Open();
        scene.Run(2000, Speech(Loud), Silent);
        scene.Detector.Remove(scene[0]);

        Assert.Null(scene.Detector.Dominant);
        Assert.True(scene.Detector.Poll(scene.Detector.NextDeadline));
        Assert.Equal(0, scene.Detector.Speaking.Length);
        Assert.False(scene.Detector.Poll(scene.Detector.NextDeadline));
    }

    [Fact]
    public void Remove_LastProducer_NeedsNoMorePolls()
    {
        var detector = new ActiveSpeakerDetector(2);
        SpeakerActivity activity = detector.Add(MediaTime.Zero, "a")!;
        Assert.Equal("a", activity.Owner);
        Assert.False(detector.NextDeadline.IsNever);
        detector.Remove(activity);

        Assert.True(detector.NextDeadline.IsNever);
    }

    [Fact]
    public void Add_TooMany_IsRefused()
    {
        var detector = new ActiveSpeakerDetector(1);
        Assert.NotNull(detector.Add(MediaTime.Zero, 1));
        Assert.Null(detector.Add(MediaTime.Zero, 2));
    }

    [Fact]
    public void Poll_AnyLevelsAndTimes_KeepsItsInvariants() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 500], Gen.Byte).Array[1, 300].Sample(
            events =>
            {
                Scene scene = new Scene(4).Open();
                MediaTime now = scene.Now;
                foreach ((int who, int wait, byte level) in events)
                {
                    now += TimeSpan.FromMilliseconds(wait);
                    scene[who].OnLevel(now, level);
                    if (scene.Detector.NextDeadline <= now) scene.Detector.Poll(now);
                    if (scene.Detector.NextDeadline <= now || scene.Detector.NextDeadline > now + ActiveSpeakerDetector.Interval) return false;
                    ReadOnlySpan<SpeakerActivity> speaking = scene.Detector.Speaking;
                    for (int i = 0; i < speaking.Length; i++)
                        if (!speaking[i].IsSpeaking || speaking[i].Level is < -127 or > 0 || (i > 0 && speaking[i].Level > speaking[i - 1].Level)) return false;
                }

                return true;
            },
            iter: 500);

    [Fact]
    public void OnLevelAndPoll_100000Packets_AllocateNothing()
    {
        Scene scene = new Scene(5).Open();
        long allocated = Allocations.Of(100_000, i =>
        {
            MediaTime now = scene.Now + TimeSpan.FromMilliseconds(4 * i);
            scene[i % 5].OnLevel(now, (byte)(i * 7919 % 127));
            if (scene.Detector.NextDeadline <= now) scene.Detector.Poll(now);
        });

        Assert.Equal(0, allocated);
    }
}
