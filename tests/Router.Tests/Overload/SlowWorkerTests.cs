using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Tests.Rooms;

namespace Sfu.Router.Tests.Overload;

/// <summary>A worker whose packets cost more time than there is, in virtual time: the loop of the real one, its controller and a room.</summary>
public sealed class SlowWorkerTests : IDisposable
{
    private const int PacketsPerTurn = 16;               // packets are a thousand times as slow as real ones, so turns take fewer
    private static readonly TimeSpan TurnCost = TimeSpan.FromMicroseconds(20);
    private static readonly TimeSpan ReceiveCost = TimeSpan.FromMicroseconds(20);

    private readonly BusyRoom _room = new(viewers: 4);
    private readonly ShedController _controller;
    private readonly SocketAge _age;
    private readonly List<(MediaTime At, ShedStep Step)> _changes = [];
    private TimeSpan _worstAge;

    public SlowWorkerTests()
    {
        _controller = new ShedController(new ShedBounds(ShedBounds.DefaultLateAfter), _room.Room.Now);
        _age = new SocketAge(_room.Room.Now);
    }

    public void Dispose() => _room.Dispose();

    /// <summary>Sound alone is 400 packets a second here, everything 760: at 1.8 ms each 72 % and 137 % of the time.</summary>
    [Fact]
    public void SlowTurns_ShedVideoKeepSoundWholeAndComeBackWithoutOscillating()
    {
        Run(TimeSpan.FromSeconds(5), TimeSpan.FromMicroseconds(100));
        Assert.Empty(_changes);

        Run(TimeSpan.FromSeconds(30), TimeSpan.FromMicroseconds(1800));
        Assert.True(_changes[0].Step == ShedStep.Repairs && _changes.Max(change => change.Step) >= ShedStep.TopTemporalLayer);
        Assert.InRange(_changes.Count, 2, 16);             // a new step every half second would be 60
        _worstAge = TimeSpan.Zero;
        int before = _changes.Count;
        Run(TimeSpan.FromSeconds(30), TimeSpan.FromMicroseconds(1800));
        Assert.InRange(_changes.Count - before, 0, 4);     // it tries now and then whether all is well again
        Assert.True(_worstAge < TimeSpan.FromSeconds(1), $"{_worstAge}");

        int slow = _changes.Count;
        Run(TimeSpan.FromSeconds(70), TimeSpan.FromMicroseconds(100));
        for (int i = slow; i < _changes.Count; i++) Assert.True(_changes[i].Step < _changes[i - 1].Step);
        Assert.Equal(ShedStep.None, _controller.Step);

        AssertSoundIsWhole(135);
        _room.Clear();
        Run(TimeSpan.FromSeconds(5), TimeSpan.FromMicroseconds(100));
        Assert.InRange(_room.Received(_room.OtherCamera).Count, 145, 155);
        Assert.All(_room.Received(_room.OtherCamera), packet => Assert.Equal(2, packet.Payload[^1]));
    }

    /// <summary>So slow that sound alone takes 88 % of the time: all video goes and stays away, and sound is in time again.</summary>
    [Fact]
    public void VerySlowTurns_EndWithSoundAlone()
    {
        Run(TimeSpan.FromSeconds(2), TimeSpan.FromMicroseconds(100));
        Run(TimeSpan.FromSeconds(30), TimeSpan.FromMicroseconds(2150));
        Assert.Equal(ShedStep.AllVideo, _controller.Step);
        AssertSoundIsWhole(32);
        _room.Clear();
        _worstAge = TimeSpan.Zero;
        Run(TimeSpan.FromSeconds(5), TimeSpan.FromMicroseconds(2150));

        AssertSoundIsWhole(5);
        Assert.Empty(_room.Received(_room.Screen));
        Assert.True(_worstAge < TimeSpan.FromMilliseconds(100), $"{_worstAge}");
    }

    private void Run(TimeSpan span, TimeSpan perPacket)
    {
        TestRoom room = _room.Room;
        MediaTime end = room.Now + span;
        while (room.Now < end) Turn(room, perPacket);
    }

    private void Turn(TestRoom room, TimeSpan perPacket)
    {
        MediaTime before = room.Now;
        if (_room.NextAt > before) room.Advance(_room.NextAt - before);
        MediaTime now = room.Now;
        _age.OnWaited(before, now, mayBlock: true);
        TimeSpan oldest = _age.Oldest(now);
        if (oldest > _worstAge) _worstAge = oldest;
        long sent = room.Counters.PacketsSent.Sum();
        int taken = _room.TakeArrived(PacketsPerTurn);
        if (taken < PacketsPerTurn) _age.OnEmpty(now);
        room.EndTurn();
        if (_controller.OnTurn(now, new TurnMeasure(now - before, taken, oldest, TimeSpan.Zero, 0)))
        {
            _changes.Add((now, _controller.Step));
            room.Shed(_controller.Step);
        }

        room.Advance(TurnCost + taken * ReceiveCost + (room.Counters.PacketsSent.Sum() - sent) * perPacket);
    }

    private void AssertSoundIsWhole(int seconds)
    {
        foreach (TestTransport viewer in _room.Viewers)
        {
            foreach (Ssrc ssrc in new[] { _room.SpeakerSound, _room.OtherSound })
            {
                List<SentRtp> sent = viewer.Output.On(ssrc);
                Assert.InRange(sent.Count, seconds * 50 - 10, seconds * 50 + 10);
                for (int i = 1; i < sent.Count; i++) Assert.Equal(sent[i - 1].Index + 1, sent[i].Index);
            }
        }
    }
}
