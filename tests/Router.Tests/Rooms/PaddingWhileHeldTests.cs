using Sfu.Media.Rtp;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>Padding that comes while a track is not sent uses up no number of the viewer's.</summary>
public sealed class PaddingWhileHeldTests : IDisposable
{
    private const uint Audio = 0x9001;

    private readonly TestRoom _room = new();
    private readonly RtpMaker _audio = new(0x2222, TestRoom.OpusType, "a");
    private readonly TestTransport _sender, _viewer;
    private readonly ProducerId _producer;
    private readonly ConsumerId _consumer;

    public PaddingWhileHeldTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
        _producer = _room.PublishAudio(_sender);
        _consumer = _room.Subscribe(_viewer, _producer, TestRoom.AudioConsumer(Audio));
    }

    public void Dispose() => _room.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnSkipped_WhileMutedOrPaused_LeavesNoHole(bool isMuted)
    {
        Send(3);
        _room.Execute(isMuted ? new SetProducerMuted(_producer, Muted: true) : new SetConsumerPreferences(_consumer, Paused: true));
        Send(3);
        _sender.Send(_audio.Next([], padding: 20));
        Send(2);
        _room.Execute(isMuted ? new SetProducerMuted(_producer, Muted: false) : new SetConsumerPreferences(_consumer, Paused: false));
        Send(3);

        List<SentRtp> sent = _viewer.Output.On(new Ssrc(Audio));
        Assert.Equal(6, sent.Count);
        for (int i = 1; i < sent.Count; i++) Assert.Equal(sent[i - 1].Index + 1, sent[i].Index);
    }

    private void Send(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _audio.Timestamp += 960;
            _sender.Send(_audio.Next([0x78, 1, 2]));
        }
    }
}
