using System.Runtime.InteropServices;
using Sfu.Media.Audio;
using Sfu.Media.Buffers;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Pipes;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Producers;

/// <summary>One incoming track: its encodings, who gets it, and who listens in.</summary>
/// <remarks>Owned by its room. Lists change by commands only, never while a packet is under way.</remarks>
internal sealed class Producer : IDisposable
{
    private readonly CodecFormat?[] _byPayloadType = new CodecFormat?[128];
    private readonly CodecFormat?[] _byRtxPayloadType = new CodecFormat?[128];
    private RtpStream?[] _streams;

    /// <summary>Makes a producer that has received nothing.</summary>
    internal Producer(ProducerId id, RoutedTransport transport, ProducerParameters parameters, Bitrate limit)
    {
        Ingress = new IngressBucket(limit);
        Id = id;
        Transport = transport;
        Parameters = WithEncoding(parameters);
        _streams = new RtpStream?[Parameters.Encodings.Count];
        Mid = parameters.Mid is null ? [] : System.Text.Encoding.UTF8.GetBytes(parameters.Mid);
        MapFormats();
    }

    /// <summary>Its id.</summary>
    internal ProducerId Id { get; }

    /// <summary>Who sends it.</summary>
    internal RoutedTransport Transport { get; }

    /// <summary>What it may send.</summary>
    internal IngressBucket Ingress { get; }

    /// <summary>What was negotiated.</summary>
    internal ProducerParameters Parameters { get; private set; }

    /// <summary>Audio or video.</summary>
    internal MediaKind Kind => Parameters.Kind;

    /// <summary>Its MID as on the wire; empty when the client writes none.</summary>
    internal byte[] Mid { get; private set; }

    /// <summary>Streams by encoding, lowest first; null for an encoding that sent nothing yet.</summary>
    internal ReadOnlySpan<RtpStream?> Streams => _streams;

    /// <summary>Who gets it.</summary>
    internal ConsumerTable Consumers { get; } = new();

    /// <summary>Workers that it is piped to; none when it came by pipe itself.</summary>
    internal List<PipeOutlet> Outlets { get; } = [];

    /// <summary>Where it comes from when it comes from another worker; null when its publisher is here.</summary>
    internal PipeInlet? Inlet { get; set; }

    /// <summary>Who listens in.</summary>
    internal List<IPacketTap> Taps { get; } = [];

    /// <summary>Not null when it must be recorded.</summary>
    internal RecorderLease? Lease { get; set; }

    /// <summary>The server mutes it.</summary>
    internal bool IsMuted { get; private set; }

    /// <summary>It must be recorded and is not.</summary>
    internal bool IsUnrecorded { get; private set; }

    /// <summary>The server lets nothing of it through.</summary>
    internal bool IsClosed => IsMuted || IsUnrecorded;

    /// <summary>Where its audio levels go; null for video, or when the room has too many.</summary>
    internal SpeakerActivity? Speaker { get; set; }

    /// <summary>The format of a payload type, or null when it was not negotiated.</summary>
    internal CodecFormat? Format(byte payloadType) => _byPayloadType[payloadType & 0x7F];

    /// <summary>The format that an RTX payload type repairs, or null.</summary>
    internal CodecFormat? RepairedFormat(byte payloadType) => _byRtxPayloadType[payloadType & 0x7F];

    /// <summary>Mutes or unmutes it.</summary>
    internal void SetMuted(bool isMuted)
    {
        IsMuted = isMuted;
        BeginAnew();
    }

    /// <summary>Closes it while it is not recorded.</summary>
    internal void SetUnrecorded(bool isUnrecorded)
    {
        IsUnrecorded = isUnrecorded;
        BeginAnew();
    }

    /// <summary>Gives a packet to everybody who listens in.</summary>
    /// <returns>True when it may be forwarded: kept by all, or not to be kept.</returns>
    internal bool OfferToTaps(MediaTime now, ReadOnlySpan<byte> packet, bool isRepaired)
    {
        bool isKept = true;
        foreach (IPacketTap tap in CollectionsMarshal.AsSpan(Taps)) isKept &= tap.OnRtp(now, packet, isRepaired);
        return Lease is not { } lease || (isKept && Taps.Count > 0 && lease.IsFresh(now));
    }

    /// <summary>Attaches a listener.</summary>
    internal void AddTap(MediaTime now, IPacketTap tap)
    {
        Taps.Add(tap);
        foreach (RtpStream? stream in _streams)
            if (stream is not null) tap.OnReceipt(now, stream.Ssrc, stream.Received);
    }

    /// <summary>Detaches a listener.</summary>
    internal void RemoveTap(MediaTime now, IPacketTap tap)
    {
        if (!Taps.Remove(tap)) return;
        foreach (RtpStream? stream in _streams)
            if (stream is not null) tap.OnReceipt(now, stream.Ssrc, stream.Received);
    }

    /// <summary>Tells everybody who listens in how much was received.</summary>
    internal void GiveReceipts(MediaTime now)
    {
        if (Taps.Count == 0) return;
        foreach (RtpStream? stream in _streams)
            if (stream is not null) GiveReceipt(now, stream);
    }

    /// <summary>Tells everybody who listens in how much of one stream was received.</summary>
    internal void GiveReceipt(MediaTime now, RtpStream stream)
    {
        foreach (IPacketTap tap in CollectionsMarshal.AsSpan(Taps)) tap.OnReceipt(now, stream.Ssrc, stream.Received);
    }

    /// <summary>Index of the encoding with a RID, or -1.</summary>
    internal int FindEncoding(ReadOnlySpan<byte> rid)
    {
        Span<char> text = stackalloc char[32];
        if (rid.Length > text.Length) return -1;
        int length = System.Text.Encoding.Latin1.GetChars(rid, text);
        for (int i = 0; i < Parameters.Encodings.Count; i++)
            if (text[..length].SequenceEqual(Parameters.Encodings[i].Rid)) return i;
        return -1;
    }

    /// <summary>Puts a stream in the place of an encoding; the former one is given back.</summary>
    internal RtpStream? Replace(int encoding, RtpStream stream)
    {
        RtpStream? former = _streams[encoding];
        _streams[encoding] = stream;
        return former;
    }

    /// <summary>Takes what a renegotiation changed. Streams of encodings that are still there live on.</summary>
    /// <returns>Streams of encodings that are gone.</returns>
    internal List<RtpStream> Update(ProducerParameters parameters)
    {
        parameters = WithEncoding(parameters);
        var gone = new List<RtpStream>();
        var streams = new RtpStream?[parameters.Encodings.Count];
        foreach (RtpStream? stream in _streams)
        {
            if (stream is null) continue;
            string? rid = Parameters.Encodings[stream.Encoding].Rid;
            bool stays = stream.Encoding < parameters.Encodings.Count && parameters.Encodings[stream.Encoding].Rid == rid;
            if (stays) streams[stream.Encoding] = stream;
            else gone.Add(stream);
        }

        Parameters = parameters;
        _streams = streams;
        Mid = parameters.Mid is null ? [] : System.Text.Encoding.UTF8.GetBytes(parameters.Mid);
        MapFormats();
        return gone;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Inlet?.Dispose();
        foreach (RtpStream? stream in _streams) stream?.Dispose();
        Consumers.Dispose();
    }

    private void BeginAnew()
    {
        foreach (RtpStream? stream in _streams) stream?.Reopen();
    }

    private static ProducerParameters WithEncoding(ProducerParameters parameters) =>
        parameters.Encodings.Count > 0 ? parameters : parameters with { Encodings = [new EncodingParameters(null, null, null)] };

    private void MapFormats()
    {
        Array.Clear(_byPayloadType);
        Array.Clear(_byRtxPayloadType);
        foreach (CodecFormat format in Parameters.Codecs)
        {
            _byPayloadType[format.PayloadType & 0x7F] = format;
            if (format.RtxPayloadType is { } rtx) _byRtxPayloadType[rtx & 0x7F] = format;
        }
    }
}
