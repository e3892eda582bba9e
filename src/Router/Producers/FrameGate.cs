using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Router.Producers;

/// <summary>Lets whole frames of one stream through or not: what exceeds the limits is stopped from the start of a frame to the next key
/// frame that fits, since nothing in between could be decoded.</summary>
/// <remarks>Owned by one RtpStream.</remarks>
internal sealed class FrameGate
{
    private RtpTimestamp _frame;
    private bool _isStarted;

    /// <summary>Video is stopped until a key frame fits.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Decides about one packet, and takes it from the buckets.</summary>
    internal bool Admits(MediaTime now, Producer producer, int bytes, RtpTimestamp timestamp, in PayloadInfo info)
    {
        IngressBucket track = producer.Ingress, participant = producer.Transport.Ingress;
        bool isNewFrame = !_isStarted || timestamp.DistanceFrom(_frame) > 0;
        if (isNewFrame)
        {
            _isStarted = true;
            _frame = timestamp;
            bool fits = track.IsOpen(now) & participant.IsOpen(now);
            IsClosed = !fits || IsClosed && producer.Kind == MediaKind.Video && !info.IsKeyFrame;
        }

        if (IsClosed) return false;
        track.Take(bytes);
        participant.Take(bytes);
        return true;
    }
}
