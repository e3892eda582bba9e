using Sfu.Media;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Simulation.Server;

namespace Sfu.Simulation.Clients;

/// <summary>A client's RTCP: reports every second, NACKs when due, and what the server says of its tracks.</summary>
internal sealed class ClientRtcp(SimulatedClient client)
{
    private const int MaxCompound = 1200;
    private const int MaxNumbers = 64;
    private const long ClockOffset = 5_000_000_000;        // a client's wall clock is not the server's
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly Ssrc Receiver = new(1);

    private MediaTime _nextReport = MediaTime.Never;

    /// <summary>When it wants to be called.</summary>
    internal MediaTime NextDeadline
    {
        get
        {
            MediaTime next = _nextReport;
            foreach (IncomingTrack track in client.Incoming)
                if (track.Nack is { } nack) next = MediaTime.Min(next, MediaTime.Min(nack.NextDeadline, track.NextKeyFrameRequest));
            return next;
        }
    }

    /// <summary>Round trip to ask again after; the client's own estimate would come to the same.</summary>
    private TimeSpan RoundTrip => client.Options.Up.Delay + client.Options.Down.Delay;

    /// <summary>Begins to report.</summary>
    internal void Start(MediaTime now) => _nextReport = now + Interval / 4;

    /// <summary>Sends what is due.</summary>
    internal void OnDeadline(MediaTime now)
    {
        foreach (IncomingTrack track in client.Incoming)
            if (track.Nack is { } nack && MediaTime.Min(nack.NextDeadline, track.NextKeyFrameRequest) <= now) SendFeedback(now, track);
        if (_nextReport > now) return;
        _nextReport = now + Interval;
        SendReports(now);
    }

    /// <summary>Takes a plain compound.</summary>
    internal void OnCompound(MediaTime now, ReadOnlySpan<byte> compound)
    {
        Assert.Equal(DropReason.None, RtcpReader.Open(compound, out RtcpReader reader));
        while (reader.MoveNext(out RtcpPacket packet))
        {
            switch (packet.Kind)
            {
                case RtcpKind.SenderReport:
                    Assert.Equal(DropReason.None, SenderReport.TryParse(packet, out SenderReport report));
                    Ssrc ssrc = report.Ssrc;
                    client.Incoming.Find(track => track.Ssrc == ssrc)?.Statistics.OnSenderReport(now, report.Ntp);
                    break;
                case RtcpKind.Nack:
                    Assert.Equal(DropReason.None, NackFeedback.TryParse(packet, out NackFeedback nack));
                    OutgoingTrack? missed = Find(nack.MediaSsrc);
                    while (nack.MoveNext(out SequenceNumber number)) missed?.OnNack(number);
                    break;
                case RtcpKind.PictureLoss:
                    Assert.Equal(DropReason.None, PictureLossIndication.TryParse(packet, out PictureLossIndication loss));
                    client.World.Log.Add(now, $"pli {client.Name}");
                    Find(loss.MediaSsrc)?.OnKeyFrameRequest(now);
                    break;
            }
        }
    }

    private OutgoingTrack? Find(Ssrc ssrc) => client.Outgoing.Find(track => track.Ssrc == ssrc);

    private void SendFeedback(MediaTime now, IncomingTrack track)
    {
        Span<SequenceNumber> numbers = stackalloc SequenceNumber[MaxNumbers];
        int count = track.Nack!.Poll(now, RoundTrip, numbers);
        Span<byte> datagram = stackalloc byte[MaxCompound];
        var writer = new RtcpWriter(datagram);
        if (track.TakeKeyFrameRequest(now)) writer.WritePictureLoss(Receiver, track.Ssrc);
        if (count > 0) writer.WriteNack(Receiver, track.Ssrc, numbers[..count], out _);
        if (writer.Length > 0) client.SendRtcp(writer.Written);
    }

    private void SendReports(MediaTime now)
    {
        Span<byte> datagram = stackalloc byte[MaxCompound];
        var writer = new RtcpWriter(datagram);
        NtpTime ntp = NtpTime.FromUnixNanoseconds(SimulatedServer.UnixAtZero + now.Nanoseconds + ClockOffset);
        foreach (OutgoingTrack track in client.Outgoing)
            if (track.PacketCount > 0)
                writer.WriteSenderReport(track.Ssrc, ntp, track.TimestampAt(now), track.PacketCount, track.OctetCount, default);
        List<ReportBlock> blocks = [];
        foreach (IncomingTrack track in client.Incoming)
            if (track.Statistics.Started && blocks.Count < RtcpWriter.MaxBlocks) blocks.Add(track.Statistics.TakeReport(now, track.Ssrc));
        writer.WriteReceiverReport(Receiver, [.. blocks]);
        writer.WriteSourceDescription(Receiver, "client"u8);
        client.SendRtcp(writer.Written);
    }
}
