using Sfu.Media.Buffers;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Overload;

/// <summary>A meeting in virtual time: somebody speaks, somebody listens, both with a camera of three encodings and three temporal layers;
/// the speaker shares a screen of one layer. Encoders answer key frame requests.</summary>
internal sealed class BusyRoom : IDisposable
{
    public static readonly string[] Rids = ["q", "h", "f"];

    private readonly List<Source> _sources = [];
    private readonly TestTransport _speaker, _other;
    private readonly ProducerId[] _producers;
    private readonly List<ConsumerId> _firstViewer = [];
    private readonly Source _speakerSound, _otherSound;

    public BusyRoom(int viewers)
    {
        _speaker = Room.Join();
        _other = Room.Join();
        _producers =
        [
            Room.PublishAudio(_speaker), Room.PublishAudio(_other),
            Room.PublishVideo(_speaker, Rids), Room.PublishVideo(_other, Rids),
            Room.Publish(_speaker, TestRoom.Video("s") with { IsScreen = true }),
        ];
        _speakerSound = Add(new Source(_speaker, 0xA1, "a", null, TimeSpan.FromMilliseconds(20), 0) { Speaks = true });
        _otherSound = Add(new Source(_other, 0xB1, "a", null, TimeSpan.FromMilliseconds(20), 0));
        for (uint i = 0; i < Rids.Length; i++)
        {
            Add(new Source(_speaker, 0xA2 + i, "v", Rids[i], TimeSpan.FromSeconds(1) / 30, (byte)i));
            Add(new Source(_other, 0xB2 + i, "v", Rids[i], TimeSpan.FromSeconds(1) / 30, (byte)i));
        }

        Add(new Source(_speaker, 0xA9, "s", null, TimeSpan.FromSeconds(1) / 30, 0));
        for (int i = 0; i < viewers; i++) AddViewer();
    }

    public TestRoom Room { get; } = new();

    public List<TestTransport> Viewers { get; } = [];

    public Ssrc SpeakerSound { get; } = new(0x9000);

    public Ssrc OtherSound { get; } = new(0x9001);

    public Ssrc SpeakerCamera { get; } = new(0x9002);

    public Ssrc OtherCamera { get; } = new(0x9003);

    public Ssrc Screen { get; } = new(0x9004);

    public ConsumerId OtherCameraConsumer => _firstViewer[3];

    public ProducerId OtherCameraProducer => _producers[3];

    /// <summary>The first viewer asks once again for every packet of video.</summary>
    public bool AskAgainForEverything { get; set; }

    /// <summary>When the next packet arrives.</summary>
    public MediaTime NextAt => _sources.Min(source => source.NextAt);

    public void Dispose() => Room.Dispose();

    public void Shed(ShedStep step) => Room.Shed(step);

    public TestTransport AddViewer()
    {
        TestTransport viewer = Room.Join();
        Viewers.Add(viewer);
        for (uint i = 0; i < _producers.Length; i++)
        {
            ConsumerId id = Room.Subscribe(viewer, _producers[i], i < 2 ? TestRoom.AudioConsumer(0x9000 + i) : TestRoom.VideoConsumer(0x9000 + i, 0x9100 + i));
            if (Viewers.Count == 1) _firstViewer.Add(id);
        }

        return viewer;
    }

    public void SwapSpeakers() => (_speakerSound.Speaks, _otherSound.Speaks) = (_otherSound.Speaks, _speakerSound.Speaks);

    /// <summary>Lets time pass; every packet is a turn.</summary>
    public void Run(int milliseconds)
    {
        MediaTime end = Room.Now + TimeSpan.FromMilliseconds(milliseconds);
        while (NextAt <= end)
        {
            if (NextAt > Room.Now) Room.Advance(NextAt - Room.Now);
            TakeArrived(1);
            Room.EndTurn();
            if (AskAgainForEverything) AskAgain();
        }

        if (end > Room.Now) Room.Advance(end - Room.Now);
    }

    /// <summary>Gives the room what has arrived by now; the turn goes on.</summary>
    /// <returns>The packets.</returns>
    public int TakeArrived(int most)
    {
        AnswerRequests();
        for (int taken = 0; taken < most; taken++)
        {
            Source next = _sources.MinBy(source => source.NextAt)!;
            if (next.NextAt > Room.Now) return taken;
            next.SendNext();
        }

        return most;
    }

    /// <summary>What the first viewer was sent of a track since <see cref="Clear"/>.</summary>
    public List<SentRtp> Received(Ssrc ssrc) => Viewers[0].Output.On(ssrc);

    public void Clear()
    {
        foreach (TestTransport viewer in Viewers) viewer.Output.Clear();
    }

    /// <summary>Key frame requests since the last call.</summary>
    public int TakeKeyFrameRequests()
    {
        AnswerRequests();
        int requests = _requests;
        _requests = 0;
        return requests;
    }

    private int _requests;

    private Source Add(Source source)
    {
        source.NextAt = Room.Now + TimeSpan.FromMilliseconds(1 + 2 * _sources.Count);
        _sources.Add(source);
        return source;
    }

    private void AnswerRequests()
    {
        foreach (TestTransport sender in new[] { _speaker, _other })
        {
            foreach (byte[] compound in sender.Output.Rtcp)
            {
                RtcpReader.Open(compound, out RtcpReader reader);
                while (reader.MoveNext(out RtcpPacket packet))
                {
                    if (PictureLossIndication.TryParse(packet, out PictureLossIndication pli) != Media.DropReason.None) continue;
                    _requests++;
                    _sources.Find(source => source.Ssrc == pli.MediaSsrc.Value)!.IsKeyWanted = true;
                }
            }

            sender.Output.Rtcp.Clear();
        }
    }

    private void AskAgain()
    {
        foreach (Ssrc ssrc in new[] { SpeakerCamera, OtherCamera, Screen })
        {
            SequenceNumber[] numbers = [.. Received(ssrc).Select(sent => sent.Header.SequenceNumber)];
            if (numbers.Length > 0) Viewers[0].SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), ssrc, numbers, out _));
        }

        Viewers[0].Output.Clear();
    }

    /// <summary>One stream of one packet per frame; temporal layers 0, 2, 1, 2.</summary>
    private sealed class Source(TestTransport sender, uint ssrc, string mid, string? rid, TimeSpan period, byte mark)
    {
        private static readonly byte[] Pattern = [0, 2, 1, 2];
        private readonly RtpMaker _maker = new(ssrc, mid == "a" ? TestRoom.OpusType : TestRoom.Vp8Type, mid, rid);
        private int _frame;
        private byte _tl0;

        public uint Ssrc { get; } = ssrc;

        public MediaTime NextAt { get; set; }

        public bool Speaks { get; set; }

        public bool IsKeyWanted { get; set; } = true;

        public void SendNext()
        {
            NextAt += period;
            if (mid == "a")
            {
                _maker.AudioLevel = (byte)(!Speaks ? 127 : _frame++ % 40 < 4 ? 90 : 12);     // words and pauses
                _maker.Timestamp += 960;
                sender.SendDeferred(_maker.Next([0x78, .. new byte[80]]));
                return;
            }

            if (IsKeyWanted) _frame = (_frame + 3) / 4 * 4;    // a key frame begins the pattern anew
            byte layer = mid == "s" ? (byte)0 : Pattern[_frame % 4];
            if (layer == 0) _tl0++;
            _maker.Timestamp += 3000;
            sender.SendDeferred(_maker.Next(
                Vp8Maker.Payload((ushort)(_frame++ & 0x7FFF), _tl0, layer, IsKeyWanted, isSync: layer > 0, length: 300, fill: mark), marker: true));
            IsKeyWanted = false;
        }
    }
}

/// <summary>Counts what a recorder would get.</summary>
internal sealed class CountingTap : IPacketTap
{
    public int Packets { get; private set; }

    public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired)
    {
        Packets++;
        return true;
    }

    public void OnMuteChanged(MediaTime at, bool isMuted)
    {
    }

    public void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet)
    {
    }

    public void OnReceipt(MediaTime at, Ssrc ssrc, long packets)
    {
    }
}
