using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>What browsers really sent, through negotiation and a room, to a viewer that joined before and one that joins later.</summary>
public sealed class RecordedCallTests
{
    private const uint Audio = 0x9001, Video = 0x9003, VideoRtx = 0x9004;

    [Theory]
    [InlineData("chromium-vp8")]
    [InlineData("chromium-vp9")]
    [InlineData("chromium-h264")]
    [InlineData("chromium-av1")]
    [InlineData("chromium-vp8-simulcast")]
    [InlineData("firefox-vp8")]
    [InlineData("firefox-av1")]
    [InlineData("firefox-vp8-simulcast")]
    public void OnRtp_RecordedBrowser_ReachesViewersWhole(string name)
    {
        RecordedCall call = RecordedCall.Read(name);
        using var room = new TestRoom();
        TestTransport sender = room.Join(), early = room.Join(), late = room.Join(connected: false);
        var producers = call.Producers.Select(parameters => (Id: room.Publish(sender, parameters), Parameters: parameters)).ToList();
        Assert.Equal([MediaKind.Audio, MediaKind.Video], producers.Select(producer => producer.Parameters.Kind).Order());
        foreach ((ProducerId id, ProducerParameters parameters) in producers)
            foreach (TestTransport viewer in (TestTransport[])[early, late]) room.Subscribe(viewer, id, For(parameters));
        int start = call.Packets[0].Milliseconds, third = call.Packets.Count / 3, count = 0;
        foreach ((int milliseconds, bool isRtcp, byte[] bytes) in call.Packets)
        {
            room.Advance(Math.Max(0, milliseconds - start - (int)(room.Now - Media.Time.MediaTime.FromSeconds(10)).TotalMilliseconds));
            if (count++ == third) room.Router.OnConnected(room.Now, late.Routed);
            if (isRtcp) room.Router.OnRtcp(room.Now, sender.Routed, bytes);
            else sender.SendDeferred(bytes);
            room.EndTurn();
        }

        AssertNothingDropped(room);
        AssertWhole(early, producers.Single(producer => producer.Parameters.Kind == MediaKind.Video).Parameters, mustHaveVideo: true);
        AssertWhole(late, producers.Single(producer => producer.Parameters.Kind == MediaKind.Video).Parameters, mustHaveVideo: false);
        Assert.NotEmpty(early.Output.On(new Ssrc(Audio)));
        Assert.Equal(0, room.Counters.NacksSent);
    }

    /// <summary>A viewer with other payload types than the sender, RTX where the sender has it, and Opus only.</summary>
    private static ConsumerParameters For(ProducerParameters parameters)
    {
        bool isAudio = parameters.Kind == MediaKind.Audio;
        var codecs = new List<ConsumerCodec>();
        foreach (CodecFormat format in parameters.Codecs)
        {
            CodecFormat source = format.Codec == MediaCodec.Red ? parameters.Codecs.First(other => other.Codec == MediaCodec.Opus) : format;
            codecs.Add(new ConsumerCodec(format.PayloadType, source with
            {
                PayloadType = (byte)(source.PayloadType ^ 1),
                RtxPayloadType = isAudio ? null : (byte)(source.PayloadType ^ 8),
            }));
        }

        return new ConsumerParameters(
            isAudio ? "0" : "1", new Ssrc(isAudio ? Audio : Video), isAudio ? null : new Ssrc(VideoRtx), codecs, TestRoom.ViewerExtensions);
    }

    /// <summary>Probes have nothing to forward: empty RTX, or packets sent again that came before. Everything else is used.</summary>
    private static void AssertNothingDropped(TestRoom room)
    {
        for (DropReason reason = DropReason.None; reason < DropReason.Count; reason++)
            if (reason is not (DropReason.RtxWithoutOriginal or DropReason.Duplicate)) Assert.Equal((reason, 0), (reason, room.Counters.Dropped[(int)reason]));
    }

    private static void AssertWhole(TestTransport viewer, ProducerParameters video, bool mustHaveVideo)
    {
        AssertContinuous(viewer.Output.On(new Ssrc(Audio)));
        List<SentRtp> sent = viewer.Output.On(new Ssrc(Video));
        if (mustHaveVideo) Assert.True(sent.Count >= 8, $"{sent.Count} video packets");
        if (sent.Count == 0) return;
        AssertContinuous(sent);
        Assert.Equal(DropReason.None, PayloadInspector.Inspect(video.Codecs[0].Codec, sent[0].Payload, sent[0].Header.Marker, out PayloadInfo first));
        Assert.True(first.IsKeyFrame, "a viewer begins with a key frame");
        int lastPicture = -1;
        foreach (SentRtp packet in sent)
        {
            Assert.Equal(DropReason.None, PayloadInspector.Inspect(video.Codecs[0].Codec, packet.Payload, packet.Header.Marker, out PayloadInfo info));
            if (video.Codecs[0].Codec != MediaCodec.Vp8) continue;
            if (lastPicture >= 0) Assert.InRange((info.Vp8.PictureId - lastPicture) & 0x7FFF, 0, 1);
            lastPicture = info.Vp8.PictureId;
        }
    }

    private static void AssertContinuous(List<SentRtp> sent)
    {
        for (int i = 1; i < sent.Count; i++)
        {
            Assert.Equal(sent[i - 1].Index + 1, sent[i].Index);
            Assert.InRange(sent[i].Header.Timestamp.DistanceFrom(sent[i - 1].Header.Timestamp), 0, 90_000);
        }
    }
}
