using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Tests.Rooms;

namespace Sfu.Router.Tests.Feedback;

/// <summary>A viewer behind 2 Mbit/s with a queue of 100 ms in front of it, in virtual time: a link that lost packets because its queue was
/// full loses more when all of them come again at once.</summary>
public sealed class ThinLinkTests : IDisposable
{
    private const int PayloadLength = 1100, PacketsPerFrame = 5, FrameMs = 30;   // 1.5 Mbit/s
    private const long ForwardedBits = 1_530_000;
    private const long LinkBits = 2_000_000, QueueBytes = LinkBits / 8 / 10;
    private static readonly Ssrc Video = new(0x9001), Rtx = new(0x9002);

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
    private readonly HashSet<ushort> _missing = [];
    private double _queued;
    private MediaTime _queuedAt;
    private ushort _picture = 10;
    private int _seen, _overflowed, _lost;
    private bool _isCut;

    public ThinLinkTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
        _queuedAt = _room.Now;
        _room.Subscribe(_viewer, _room.PublishVideo(_sender), TestRoom.VideoConsumer(Video.Value, Rtx.Value));
        SendFrame(isKey: true);
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void Nack_Paced_EverythingArrivesAndTheQueueDoesNotOverflow()
    {
        TimeSpan took = LoseAndRepair();

        Assert.Equal(0, _overflowed);
        Assert.True(took < TimeSpan.FromMilliseconds(200), $"{took}");
    }

    /// <summary>The same with a pacer that takes the link to carry a Gbit/s, so that it holds nothing.</summary>
    [Fact]
    public void Nack_AllAtOnce_OverflowsTheQueueAgain()
    {
        _viewer.Routed.PacingRate = new Bitrate(1_000_000_000);
        LoseAndRepair();

        Assert.True(_overflowed > 0);
    }

    /// <summary>The table of docs/adr/0013-paced-repairs.md: what overflows at a rate of 2.5, 2 and 1.5 times what is forwarded.</summary>
    [Theory]
    [InlineData(16, 0, 0, 0, 0)]
    [InlineData(20, 3, 0, 0, 0)]
    [InlineData(24, 7, 4, 2, 0)]
    [InlineData(32, 15, 10, 7, 1)]
    [InlineData(45, 28, 20, 16, 5)]
    public void Nack_PacedFasterOrSlower_OverflowsMoreOrLess(int lost, int atOnce, int faster, int asItIs, int slower)
    {
        Assert.Equal((atOnce, faster, asItIs, slower), (OverflowAt(1000), OverflowAt(2.5), OverflowAt(2), OverflowAt(1.5)));

        int OverflowAt(double timesForwarded)
        {
            using var one = new ThinLinkTests();
            one._viewer.Routed.PacingRate = new Bitrate((long)(timesForwarded * ForwardedBits));
            one.LoseAndRepair(lost);
            return one._overflowed;
        }
    }

    private TimeSpan LoseAndRepair(int lost = 20)
    {
        _lost = lost;
        Watch(2000);
        Assert.Equal(0, _overflowed);
        _isCut = true;
        while (_missing.Count < _lost) Watch(FrameMs);
        _isCut = false;
        Watch(FrameMs);
        MediaTime asked = _room.Now;
        SequenceNumber[] numbers = [.. _missing.Select(number => new SequenceNumber(number))];
        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), Video, numbers, out _));
        Carry();
        for (int i = 0; i < 20 && _missing.Count > 0; i++) Watch(FrameMs);
        return _missing.Count == 0 ? _room.Now - asked : TimeSpan.MaxValue;
    }

    private void Watch(int milliseconds)
    {
        for (int i = 1; i <= milliseconds; i++)
        {
            _room.Advance(1);
            Carry();
            if (i % FrameMs == 0) SendFrame();
        }
    }

    private void SendFrame(bool isKey = false)
    {
        for (int i = 0; i < PacketsPerFrame; i++)
            _sender.Send(_video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: isKey, isStart: i == 0, length: PayloadLength), marker: i == PacketsPerFrame - 1));
        _picture++;
        _video.Timestamp += 2700;
        Carry();
    }

    /// <summary>What was sent since the last call comes to the queue.</summary>
    private void Carry()
    {
        _queued = Math.Max(0, _queued - LinkBits / 8.0 * (_room.Now - _queuedAt).TotalSeconds);
        _queuedAt = _room.Now;
        for (; _seen < _viewer.Output.Rtp.Count; _seen++)
        {
            SentRtp packet = _viewer.Output.Rtp[_seen];
            bool isAgain = packet.Header.Ssrc == Rtx;
            ushort number = isAgain ? (ushort)(packet.Payload[0] << 8 | packet.Payload[1]) : packet.Header.SequenceNumber.Value;
            if (_queued + packet.Bytes.Length > QueueBytes)
            {
                _overflowed++;
                _missing.Add(number);
                continue;
            }

            if (_isCut && _missing.Count < _lost)
            {
                _missing.Add(number);
                continue;
            }

            _queued += packet.Bytes.Length;
            _missing.Remove(number);
        }
    }
}
