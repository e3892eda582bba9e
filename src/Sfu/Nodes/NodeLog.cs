using Sfu.Configuration;
using Sfu.Media.Native;
using Sfu.Rooms;
using Sfu.Router.Overload;
using Sfu.Router.Workers;

namespace Sfu.Nodes;

/// <summary>Event ids 3100-3199: Sfu/Nodes.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(3101, LogLevel.Information, "Media worker {Worker} listens on UDP port {UdpPort}, TCP port {TcpPort}; buffers {ReceiveBuffer}/{SendBuffer} bytes, segmentation {Segmentation}, SRTP by {Cipher}")]
    public static partial void WorkerStarted(
        this ILogger logger, int worker, int udpPort, int tcpPort, int receiveBuffer, int sendBuffer, bool segmentation, string cipher);

    [LoggerMessage(3102, LogLevel.Warning, "Media worker {Worker} was granted {Granted} of {Wanted} bytes of socket buffer: raise net.core.rmem_max and net.core.wmem_max")]
    public static partial void SmallBuffers(this ILogger logger, int worker, int granted, int wanted);

    [LoggerMessage(3103, LogLevel.Critical, "Media worker {Worker} ended by an error: {Error}")]
    public static partial void WorkerFailed(this ILogger logger, int worker, string error);

    [LoggerMessage(3104, LogLevel.Error, "Room {Room} was ended by its worker: {Error}")]
    public static partial void RoomFailed(this ILogger logger, RoomId room, string error);

    [LoggerMessage(3105, LogLevel.Error, "Room {Room}: its worker took no commands; all of its transports were closed")]
    public static partial void RoomLost(this ILogger logger, RoomKey room);

    [LoggerMessage(3106, LogLevel.Error, "An event {Event} of media worker {Worker} could not be handled")]
    public static partial void EventFailed(this ILogger logger, int worker, string @event, Exception error);

    [LoggerMessage(3107, LogLevel.Warning, "Media worker {Worker} is late ({Cause}, {Busy} % busy) and sheds video: {Step}")]
    public static partial void WorkerSheds(this ILogger logger, int worker, ShedCause cause, int busy, ShedStep step);

    [LoggerMessage(3108, LogLevel.Information, "Media worker {Worker} keeps up ({Busy} % busy) and sheds one step less: {Step}")]
    public static partial void WorkerRecovers(this ILogger logger, int worker, int busy, ShedStep step);

    [LoggerMessage(3109, LogLevel.Information, "Room {Room} spans {Count} workers: participants join on worker {Worker} (load {Load:F2}), since worker {Home} is loaded ({HomeLoad:F2})")]
    public static partial void RoomSpans(this ILogger logger, RoomKey room, int worker, int count, int home, double homeLoad, double load);

    [LoggerMessage(3110, LogLevel.Information, "Participant {Participant} connected by {Protocol} with {Profile}: ICE {IceMs} ms, DTLS {DtlsMs} ms")]
    public static partial void Connected(this ILogger logger, ParticipantId participant, string protocol, string profile, double iceMs, double dtlsMs);

    [LoggerMessage(3111, LogLevel.Information, "The transport of participant {Participant} ended: {Reason}")]
    public static partial void Closed(this ILogger logger, ParticipantId participant, string reason);

    [LoggerMessage(3112, LogLevel.Error, "An offer of participant {Participant} could not be answered")]
    public static partial void OfferFailed(this ILogger logger, ParticipantId participant, Exception error);

    [LoggerMessage(3113, LogLevel.Error, "The signalling session of participant {Participant} failed in a media notification")]
    public static partial void SinkFailed(this ILogger logger, ParticipantId participant, Exception error);

    [LoggerMessage(3114, LogLevel.Warning, "Notifications for participant {Participant} were dropped: its signalling session does not take them")]
    public static partial void SinkFull(this ILogger logger, ParticipantId participant);

    [LoggerMessage(3115, LogLevel.Warning, "Track {Track} with codec {Codec} is not played to participant {Participant}: it offered no codec for it (no_common_codec)")]
    public static partial void Unplayable(this ILogger logger, TrackId track, string codec, ParticipantId participant);

    [LoggerMessage(3116, LogLevel.Information, "The kernel schedules {Workers} media workers by policy {Policy}; one leaves real time above a busy share of {RealTimeUpTo}")]
    public static partial void Scheduled(this ILogger logger, int workers, ThreadPolicy policy, double realTimeUpTo);

    [LoggerMessage(3117, LogLevel.Warning, "Sfu:Media:Scheduling is {Asked}, and the kernel grants {Policy}: packets wait behind other threads of a busy core. Give the process CAP_SYS_NICE, or RLIMIT_NICE and an RLIMIT_RTPRIO of 2")]
    public static partial void SchedulingRefused(this ILogger logger, WorkerScheduling asked, ThreadPolicy policy);

    [LoggerMessage(3120, LogLevel.Warning, "Room {Room} did not answer a request of participant {Participant}")]
    public static partial void RoomUnreachable(this ILogger logger, RoomKey room, ParticipantId participant, Exception error);

    [LoggerMessage(3121, LogLevel.Error, "Tracks of participant {Participant} in room {Room} could not be unpublished")]
    public static partial void UnpublishFailed(this ILogger logger, RoomKey room, ParticipantId participant, Exception error);
}
