using CsCheck;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Router.Consumers;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>Whatever a sender loses, repeats and switches and a viewer asks for: one (SSRC, index) is one byte string, and the numbers
/// and pictures of a viewer run on.</summary>
public sealed class RandomRoomTests
{
    private const uint VideoSsrc = 0x9001, RtxSsrc = 0x9002, AudioSsrc = 0x9003;

    [Fact]
    public void AnyCall_KeepsTheRulesOfItsStreams() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 1_000_000]).Array[20, 250].Sample(
            steps =>
            {
                using var call = new Call(hasRtx: steps.Length % 2 == 0);
                call.Run(steps);
            },
            iter: 400);

    // The short way of a packet, which most of them take, against the long one, which can do everything.
    [Fact]
    public void AnyCall_PacketsThatOnlyNeedNumbers_AreSentAsIfEachHadBeenLookedAt()
    {
        long followed = 0;
        Gen.Select(Gen.Int[0, 13], Gen.Int[0, 1_000_000]).Array[20, 250].Sample(
            steps =>
            {
                using var call = new Call(hasRtx: steps.Length % 2 == 0, hasMid: steps.Length % 3 > 0);
                using var patient = new Call(hasRtx: steps.Length % 2 == 0, hasMid: steps.Length % 3 > 0, isPatient: true);
                foreach ((int, int) step in steps)
                {
                    call.Run([step]);
                    patient.Run([step]);
                    call.CheckSettled();
                }

                Assert.Equal(patient.Sent, call.Sent);
                Assert.Equal(0, patient.Followed);
                Interlocked.Add(ref followed, call.Followed);
            },
            iter: 300);
        Assert.True(followed > 2_000, $"only {followed} packets took the short way");
    }

    private sealed class Call : IDisposable
    {
        private readonly TestRoom _room = new();
        private readonly TestTransport _sender, _viewer;
        private readonly ProducerId _video, _audio;
        private readonly Layer[] _layers;
        private readonly RtpMaker _sound = new(0x2222, TestRoom.OpusType, "a");
        private readonly bool _hasRtx, _hasMid;
        private ConsumerId _videoConsumer, _audioConsumer;
        private bool _isMuted;
        private uint _nextSsrc = 0x5000;
        private int _subscribedAt;

        public Call(bool hasRtx, bool hasMid = true, bool isPatient = false)
        {
            _hasRtx = hasRtx;
            _hasMid = hasMid;
            _room.Router.FanOut.IsPatient = isPatient;
            _sender = _room.Join();
            _viewer = _room.Join();
            _video = _room.PublishVideo(_sender, "q", "f");
            _audio = _room.PublishAudio(_sender);
            _layers = [new Layer(0xA1, "q", 0), new Layer(0xA3, "f", 30_000)];
            Subscribe();
        }

        public long Followed => _room.Router.FanOut.Followed;

        /// <summary>All that the viewer was sent, in order.</summary>
        public IEnumerable<string> Sent =>
            _viewer.Output.Rtp.Select(sent => $"{sent.Index} {sent.TransportCcAt} {Convert.ToHexString(sent.Bytes)}");

        /// <summary>Every consumer says of itself in its lane what it would say now.</summary>
        public unsafe void CheckSettled()
        {
            foreach (Consumer consumer in _viewer.Routed.Consumers)
                Assert.Equal(consumer.MayFollow ? consumer.Source!.Number : 0, consumer.Lane->Stream);
        }

        public void Run((int Action, int Argument)[] steps)
        {
            foreach ((int action, int argument) in steps)
            {
                Act(action, argument);
                _room.Advance(argument % 40);
            }

            Check();
        }

        public void Dispose() => _room.Dispose();

        private void Act(int action, int argument)
        {
            switch (action)
            {
                case 0 or 1 or 2:
                    SendFrames(isKey: argument % 5 == 0, loses: argument % 3 == 0);
                    break;
                case 3:
                    SendSound(argument % 4 == 0);
                    break;
                case 4:
                    Repeat(argument);
                    break;
                case 5:
                    Nack(VideoSsrc, argument);
                    break;
                case 6:
                    Nack(AudioSsrc, argument);
                    break;
                case 7:
                    _room.Execute(new SetConsumerPreferences(_videoConsumer, argument % 7 == 0, argument % 2 == 0 ? 160 : 0, 0, argument % 3 * 10));
                    break;
                case 8:
                    _isMuted = !_isMuted;
                    _room.Execute(new SetProducerMuted(_video, _isMuted));
                    break;
                case 9:
                    _layers[argument % 2] = new Layer(_nextSsrc++, argument % 2 == 0 ? "q" : "f", argument % 60_000);
                    break;
                case 12:
                    _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(
                        new Ssrc(1), [new ReportBlock(new Ssrc(argument % 2 == 0 ? VideoSsrc : AudioSsrc), 0, 0, 0, 0, 0, 0)]));
                    break;
                case 13:
                    RoomRouter.OnLinkChanged(_room.Now, _viewer.Routed, argument % 8 == 0);
                    break;
                case 10 when argument % 4 == 0:
                    _room.Execute(new RemoveConsumer(_videoConsumer));
                    _room.Execute(new RemoveConsumer(_audioConsumer));
                    CheckStreams();
                    Subscribe();
                    break;
                default:
                    _viewer.SendRtcp((ref RtcpWriter writer) => writer.WritePictureLoss(new Ssrc(1), new Ssrc(VideoSsrc)));
                    break;
            }
        }

        private HeaderExtensionMap Extensions => _hasMid ? TestRoom.ViewerExtensions : new(new Dictionary<byte, HeaderExtensionKind>
        {
            [7] = HeaderExtensionKind.TransportCc,
            [9] = HeaderExtensionKind.AbsSendTime,
        });

        private void Subscribe()
        {
            _subscribedAt = _viewer.Output.Rtp.Count;
            _videoConsumer = _room.Subscribe(_viewer, _video, TestRoom.VideoConsumer(VideoSsrc, _hasRtx ? RtxSsrc : null, Extensions));
            _audioConsumer = _room.Subscribe(_viewer, _audio, TestRoom.AudioConsumer(AudioSsrc, Media.Codecs.CodecFeedback.Nack));
        }

        private void SendFrames(bool isKey, bool loses)
        {
            foreach (Layer layer in _layers)
            {
                byte[][] packets = layer.Frame(isKey);
                for (int i = 0; i < packets.Length; i++)
                {
                    layer.Sent.Add(packets[i]);
                    if (!loses || i != 1) _sender.SendDeferred(packets[i]);
                }
            }

            _room.EndTurn();
        }

        private void SendSound(bool loses)
        {
            byte[] packet = _sound.Next([0x78, 1, 2, (byte)_sound.Sequence]);
            _sound.Timestamp += 960;
            if (!loses) _sender.Send(packet);
        }

        /// <summary>A packet that was lost or sent before comes (again): SRTP lets each through once, RTX once more.</summary>
        private void Repeat(int argument)
        {
            Layer layer = _layers[argument % 2];
            if (layer.Sent.Count == 0) return;
            byte[] packet = layer.Sent[Math.Max(0, layer.Sent.Count - 1 - argument / 2 % 12)];
            RtpHeader.Parse(packet, out RtpHeader header);
            layer.Rtx.Timestamp = header.Timestamp.Value;
            _sender.Send(layer.Rtx.Repair(header.SequenceNumber.Value, packet.AsSpan(header.PayloadAt), header.Marker));
        }

        private void Nack(uint ssrc, int argument)
        {
            List<SentRtp> sent = _viewer.Output.On(new Ssrc(ssrc));
            if (sent.Count == 0) return;
            SequenceNumber newest = sent[^1].Header.SequenceNumber;
            _viewer.SendRtcp((ref RtcpWriter writer) =>
                writer.WriteNack(new Ssrc(1), new Ssrc(ssrc), [newest.Add(-argument % 30), newest.Add(-argument / 30 % 10)], out _));
        }

        private void Check()
        {
            var byIndex = new Dictionary<(uint, ulong), byte[]>();
            foreach (SentRtp sent in _viewer.Output.Rtp)
            {
                if (byIndex.TryAdd((sent.Header.Ssrc.Value, sent.Index), sent.Bytes)) continue;
                Assert.False(_hasRtx && sent.Header.Ssrc.Value == VideoSsrc, "with RTX nothing is sent twice");
                Assert.Equal(byIndex[(sent.Header.Ssrc.Value, sent.Index)], sent.Bytes);
            }

            CheckStreams();
        }

        /// <summary>The rules within the life of a consumer; the one above holds as long as the transport.</summary>
        private void CheckStreams()
        {
            CheckOrder(VideoSsrc);
            CheckOrder(AudioSsrc);
            CheckPictures();
        }

        private List<SentRtp> On(uint ssrc) => _viewer.Output.Rtp[_subscribedAt..].FindAll(sent => sent.Header.Ssrc.Value == ssrc);

        /// <summary>A new highest number never jumps over more than what the sender lost, and time stamps go up with the frames.</summary>
        private void CheckOrder(uint ssrc)
        {
            SentRtp? newest = null;
            foreach (SentRtp sent in On(ssrc))
            {
                if (newest is null || sent.Index > newest.Index)
                {
                    if (newest is not null)
                    {
                        Assert.True(sent.Index - newest.Index <= 13, $"a hole of {sent.Index - newest.Index}");
                        Assert.True(sent.Header.Timestamp.DistanceFrom(newest.Header.Timestamp) >= 0, "time runs back");
                    }

                    newest = sent;
                }
            }
        }

        /// <summary>Each picture id belongs to one time stamp and goes up with it.</summary>
        private void CheckPictures()
        {
            var pictures = new Dictionary<int, RtpTimestamp>();
            foreach (SentRtp sent in On(VideoSsrc))
            {
                if (sent.Payload.Length == 0) continue;
                int picture = (sent.Payload[2] << 8 | sent.Payload[3]) & 0x7FFF;
                if (!pictures.TryAdd(picture, sent.Header.Timestamp)) Assert.Equal(pictures[picture], sent.Header.Timestamp);
            }
        }
    }

    /// <summary>One encoding with three temporal layers and two packets a frame.</summary>
    private sealed class Layer(uint ssrc, string rid, int start)
    {
        private static readonly byte[] Pattern = [0, 2, 1, 2];
        private readonly RtpMaker _maker = new(ssrc, TestRoom.Vp8Type, "v", rid) { Sequence = (ushort)start, Timestamp = (uint)start * 77_777 };
        private int _frame;
        private byte _tl0 = (byte)start;

        public RtpMaker Rtx { get; } = new(ssrc + 0x10_000, TestRoom.Vp8RtxType, "v") { RepairedRid = rid };

        public List<byte[]> Sent { get; } = [];

        public byte[][] Frame(bool isKey)
        {
            isKey |= _frame == 0;
            byte layer = isKey ? (byte)0 : Pattern[_frame % 4];
            if (layer == 0) _tl0++;
            _maker.Timestamp += 3000;
            var picture = (ushort)((start + _frame++) & 0x7FFF);
            return
            [
                _maker.Next(Vp8Maker.Payload(picture, _tl0, layer, isKey, isSync: layer > 0, length: 40)),
                _maker.Next(Vp8Maker.Payload(picture, _tl0, layer, isKey, isStart: false, isSync: layer > 0, length: 40)),
                _maker.Next(Vp8Maker.Payload(picture, _tl0, layer, isKey, isStart: false, isSync: layer > 0, length: 40), marker: true),
            ];
        }
    }
}
