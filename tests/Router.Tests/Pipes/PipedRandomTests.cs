using CsCheck;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Pipes;

/// <summary>Whatever happens to a track on its way in, a viewer on another worker is sent what one beside the publisher is sent.</summary>
public sealed class PipedRandomTests
{
    private const uint Audio = 0x9001, Video = 0x9101;

    private enum Step
    {
        Send,
        Lose,
        Swap,
        Pad,
        Mute,
        Open,
        KeyFrame,
        Wait,
    }

    private static readonly Gen<Step[]> Steps = Gen.Frequency(
        (10, Gen.Const(Step.Send)), (2, Gen.Const(Step.Lose)), (2, Gen.Const(Step.Swap)), (1, Gen.Const(Step.Pad)), (1, Gen.Const(Step.Mute)),
        (2, Gen.Const(Step.Open)), (2, Gen.Const(Step.KeyFrame)), (1, Gen.Const(Step.Wait))).Array[20, 150];

    [Fact]
    public void Pipe_AnyTroubleOfATrack_ShowsOnBothSidesAlike() => Steps.Sample(steps =>
    {
        using var call = new PipedCall(atOrigin: 2, atEdge: 1);
        PipedClient sender = call.Origin.Clients[0], beside = call.Origin.Clients[1], far = call.Edge.Clients[0];
        ProducerParameters sound = TestRoom.Audio("a"), picture = TestRoom.Video("v");
        PipeChannel audio = call.Connect(sender, call.Publish(sender, sound), sound);
        PipeChannel video = call.Connect(sender, call.Publish(sender, picture), picture);
        call.Subscribe(call.Origin, beside, audio.Origin, TestRoom.AudioConsumer(Audio));
        call.Subscribe(call.Origin, beside, video.Origin, TestRoom.VideoConsumer(Video, null));
        call.Subscribe(call.Edge, far, audio.Edge, TestRoom.AudioConsumer(Audio));
        call.Subscribe(call.Edge, far, video.Edge, TestRoom.VideoConsumer(Video, null));
        var track = new Source(call, sender);
        track.Send(isKey: true);
        foreach (Step step in steps)
        {
            switch (step)
            {
                case Step.Send:
                    track.Send(isKey: false);
                    break;
                case Step.Lose:
                    _ = track.Next(isKey: false);
                    break;
                case Step.Swap:
                    (byte[] Sound, byte[] Picture) first = track.Next(isKey: false), second = track.Next(isKey: false);
                    track.Send(second);
                    track.Send(first);
                    break;
                case Step.Pad:
                    track.Pad();
                    break;
                case Step.Mute or Step.Open:
                    call.Origin.Execute(new SetProducerMuted(audio.Origin, step == Step.Mute));
                    call.Origin.Execute(new SetProducerMuted(video.Origin, step == Step.Mute));
                    break;
                case Step.KeyFrame:
                    track.Send(isKey: true);
                    break;
                default:
                    call.Advance(700);
                    break;
            }
        }

        foreach (uint ssrc in (uint[])[Audio, Video])
        {
            List<ReceivedRtp> near = beside.On(ssrc), there = far.On(ssrc);
            Assert.Equal(near.Select(Content), there.Select(Content));
            Assert.Equal(Numbers(near), Numbers(there));
        }

        Assert.Equal(0, call.Origin.Core.Counters.PipeLost);
    }, iter: 60);

    private static string Content(ReceivedRtp packet) => Convert.ToHexString(packet.Payload[^3..]);

    /// <summary>Numbers from the first packet on: the two viewers' own begin anywhere.</summary>
    private static int[] Numbers(List<ReceivedRtp> packets) =>
        [.. packets.Select(packet => packet.Header.SequenceNumber.DistanceFrom(packets[0].Header.SequenceNumber))];

    /// <summary>Sound and picture of a publisher.</summary>
    private sealed class Source(PipedCall call, PipedClient sender)
    {
        private readonly RtpMaker _audio = new(0x2222, TestRoom.OpusType, "a");
        private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
        private ushort _picture;

        public (byte[] Sound, byte[] Picture) Next(bool isKey)
        {
            _picture++;
            _audio.Timestamp += 960;
            _video.Timestamp += 3000;
            byte[] payload = Vp8Maker.Payload(_picture, 0, isKey: isKey);
            (payload[^2], payload[^1]) = ((byte)(_picture >> 8), (byte)_picture);
            return (_audio.Next([0x78, (byte)(_picture >> 8), (byte)_picture]), _video.Next(payload, marker: true));
        }

        public void Send(bool isKey) => Send(Next(isKey));

        public void Send((byte[] Sound, byte[] Picture) packets)
        {
            call.Send(sender, packets.Sound, milliseconds: 0);
            call.Send(sender, packets.Picture, milliseconds: 20);
        }

        public void Pad()
        {
            call.Send(sender, _audio.Next([], padding: 20), milliseconds: 0);
            call.Send(sender, _video.Next([], padding: 20), milliseconds: 5);
        }
    }
}
