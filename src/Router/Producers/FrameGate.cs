using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Router.Producers;

/// <summary>Lets whole frames of one stream through or not: what exceeds the limits is stopped from the start of a frame to the next key
/// frame that fits, since nothing in between could be decoded.</summary>
/// <remarks>Owned by one RtpStream.</remarks>
internal sealed class FrameGate
{
    private const double Reserve = 0.1;

    private RtpTimestamp _frame;
    private bool _isStarted;

    /// <summary>Video is stopped until a key frame fits.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Decides about one packet, and takes it from the buckets.</summary>
    internal bool Admits(MediaTime now, RtpStream stream, int bytes, RtpTimestamp timestamp, in PayloadInfo info)
    {
        Producer producer = stream.Producer;
        IngressBucket track = producer.Ingress, participant = producer.Transport.Ingress;
        bool isNewFrame = !_isStarted || timestamp.DistanceFrom(_frame) > 0;
        if (isNewFrame)
        {
            // Sound may take all, and of simulcast the higher encodings are stopped first.
            double reserve = producer.Kind == MediaKind.Audio ? 0 : Reserve * (1 + stream.Encoding);
            _isStarted = true;
            _frame = timestamp;
            bool fits = track.IsOpen(now, reserve) & participant.IsOpen(now, reserve);
            IsClosed = !fits || IsClosed && producer.Kind == MediaKind.Video && !info.IsKeyFrame;
        }

        if (IsClosed) return false;
        track.Take(bytes);
        participant.Take(bytes);
        return true;
    }
}
