using System.Buffers.Binary;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Recorder.Derivation;
using Sfu.Recorder.Derivation.Sources;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>A recording in memory: units as a sender with clocks of its own would send them, over a network that delays and loses.</summary>
internal sealed class SyntheticRecording : IRecordingSource
{
    private const int PacketBytes = 1100;
    private const byte OrientationId = 3;
    private readonly Dictionary<int, List<SourceRecord>> _records = [];
    private readonly List<SourceTrack> _tracks = [];
    private readonly List<IReadOnlyList<EncodedUnit>> _sent = [];
    private readonly List<SourceSpan> _spans = [];
    private readonly List<SourcePresence> _presence = [];
    private readonly Random _random = new(42);

    public string Id => "0192e4aa-0000-7000-8000-000000000001";

    public DateTimeOffset Start { get; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public MediaTime Length { get; private set; }

    /// <summary>Seconds that it lasts when no track lasts longer.</summary>
    public double MinimalLength
    {
        init => Length = MediaTime.FromSeconds(value);
    }

    public IReadOnlyList<SourceTrack> Tracks => _tracks;

    public IReadOnlyList<SourceSpan> Spans => _spans;

    public IReadOnlyList<SourcePresence> Presence => _presence;

    public IReadOnlyList<SourceObject> Objects => [new SourceObject("seg/a/seg-000001.sfuj", 1, new string('0', 64))];

    public long UnreadableChunks => 0;

    public double Loss { get; init; }

    /// <summary>Share of the lost packets of pictures that come after all, repaired by retransmission.</summary>
    public double Repaired { get; init; }

    /// <summary>How much the sender's wall clock runs fast against the server's.</summary>
    public double Skew { get; init; }

    public int JitterMilliseconds { get; init; }

    public IEnumerable<SourceRecord> Read(int track) => _records[track];

    /// <summary>What a track sent.</summary>
    public IReadOnlyList<EncodedUnit> Sent(int track) => _sent[track - 1];

    public void AddSpan(int track, string cause, double from, double to) => _spans.Add(new SourceSpan(track, cause, MediaTime.FromSeconds(from), MediaTime.FromSeconds(to)));

    /// <summary>A participant was in the room, in seconds.</summary>
    public void AddPresence(string participant, string name, double from, double to) =>
        _presence.Add(new SourcePresence(participant, participant, name, MediaTime.FromSeconds(from), MediaTime.FromSeconds(to)));

    /// <summary>Adds a track that sends the units at their times, and a sender report each second.</summary>
    /// <param name="participant">Whose.</param>
    /// <param name="units">What is sent.</param>
    /// <param name="firstRtp">RTP time stamp of time 0; near 2^32 for a wrap.</param>
    /// <param name="firstSequence">First sequence number.</param>
    /// <param name="name">What to call the participant.</param>
    /// <param name="source">Of pictures.</param>
    /// <param name="isCutOff">Times at which the network loses everything.</param>
    /// <param name="encodings">Simulcast encodings by SSRC.</param>
    /// <param name="deviceSkew">How much the clock that counts its RTP time stamps runs fast against the server's; the sender's wall clock when null.</param>
    public int Add(string participant, IReadOnlyList<EncodedUnit> units, uint firstRtp = 4_294_900_000, ushort firstSequence = 65_500, string? name = null, string source = "camera",
        Func<long, bool>? isCutOff = null, IReadOnlyDictionary<uint, string>? encodings = null, double? deviceSkew = null)
    {
        int number = _tracks.Count + 1;
        int rate = units[0].IsVideo ? 90_000 : units[0].Codec == MediaCodec.Opus ? 48_000 : 8_000;
        var sent = new List<SourceRecord>();
        var sequences = new Dictionary<uint, ushort>();
        long nextReport = units[0].At + 300 * SyntheticMedia.Millisecond;
        foreach (EncodedUnit unit in units)
        {
            uint rtp = unchecked(firstRtp + (uint)(long)Math.Round(unit.At / 1e9 * (1 + (deviceSkew ?? Skew)) * rate) + unit.Ssrc * 1000);
            ushort sequence = sequences.GetValueOrDefault(unit.Ssrc, firstSequence);
            foreach (byte[] packet in Packetize(unit, rtp, ref sequence))
                if (isCutOff?.Invoke(unit.At) != true && Reaches(unit, out long late)) sent.Add(new SourceRecord(SourceRecordKind.Rtp, Arrival(unit.At + late), packet));
            sequences[unit.Ssrc] = sequence;
            if (unit.At < nextReport) continue;
            nextReport = unit.At + SyntheticMedia.Second;
            sent.Add(new SourceRecord(SourceRecordKind.Rtcp, Arrival(unit.At), Report(unit.Ssrc, unit.At, rtp)));
        }
        _sent.Add(units);
        _records.Add(number, [.. sent.OrderBy(record => record.At)]);
        Length = MediaTime.Max(Length, new MediaTime(units[^1].At + units[^1].Duration));
        _tracks.Add(new SourceTrack
        {
            Number = number,
            Participant = participant,
            Identity = participant,
            Name = name ?? participant,
            IsVideo = units[0].IsVideo,
            Source = units[0].IsVideo ? source : "microphone",
            Formats = Formats,
            Encodings = encodings ?? new Dictionary<uint, string>(),
            Extensions = new HeaderExtensionMap([new(OrientationId, HeaderExtensionKind.VideoOrientation)]),
        });
        return number;
    }

    private static readonly SourceFormat[] Formats =
    [
        new(96, null, MediaCodec.Vp8, 90_000), new(98, null, MediaCodec.H264, 90_000), new(111, null, MediaCodec.Opus, 48_000), new(0, null, MediaCodec.Pcmu, 8_000),
        new(9, null, MediaCodec.G722, 8_000),
    ];

    // What is asked for again comes one round trip later at least.
    private bool Reaches(EncodedUnit unit, out long late)
    {
        late = 0;
        if (_random.NextDouble() >= Loss) return true;
        late = (60 + _random.Next(120)) * SyntheticMedia.Millisecond;
        return unit.IsVideo && _random.NextDouble() < Repaired;
    }

    private MediaTime Arrival(long sent) => new(sent + (long)(-Math.Log(1 - _random.NextDouble()) * JitterMilliseconds / 3 * 1e6));

    private byte[] Report(uint ssrc, long at, uint rtp)
    {
        byte[] report = new byte[28];
        report[0] = 0x80;
        report[1] = 200;
        report[3] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(4), ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(report.AsSpan(8), NtpTime.FromUnixNanoseconds(1_700_000_000_000_000_000 + (long)(at * (1 + Skew))).Value);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(16), rtp);
        return report;
    }

    private static List<byte[]> Packetize(EncodedUnit unit, uint rtp, ref ushort sequence)
    {
        var packets = new List<byte[]>();
        byte[] data = unit.Data.ToArray();
        switch (unit.Codec)
        {
            case MediaCodec.Vp8:
                for (int at = 0; at < data.Length; at += PacketBytes)
                    packets.Add(Packet(96, at + PacketBytes >= data.Length, unit, rtp, ref sequence, [(byte)(at == 0 ? 0x10 : 0x00), .. data.AsSpan(at, Math.Min(PacketBytes, data.Length - at))]));
                break;
            case MediaCodec.H264:
                List<byte[]> nals = SplitAnnexB(data);
                for (int i = 0; i < nals.Count; i++) packets.AddRange(PacketizeNal(nals[i], i == nals.Count - 1, unit, rtp, ref sequence));
                break;
            default:
                packets.Add(Packet((byte)(unit.Codec switch { MediaCodec.Opus => 111, MediaCodec.G722 => 9, _ => 0 }), false, unit, rtp, ref sequence, data));
                break;
        }
        return packets;
    }

    // RFC 6184 section 5.8: a NAL unit that does not fit is cut into FU-A.
    private static List<byte[]> PacketizeNal(byte[] nal, bool isLast, EncodedUnit unit, uint rtp, ref ushort sequence)
    {
        if (nal.Length <= PacketBytes) return [Packet(98, isLast, unit, rtp, ref sequence, nal)];
        var packets = new List<byte[]>();
        for (int at = 1; at < nal.Length; at += PacketBytes)
        {
            bool isEnd = at + PacketBytes >= nal.Length;
            byte mark = (byte)(nal[0] & 0x1F | (at == 1 ? 0x80 : 0) | (isEnd ? 0x40 : 0));
            packets.Add(Packet(98, isLast && isEnd, unit, rtp, ref sequence, [(byte)(nal[0] & 0xE0 | 28), mark, .. nal.AsSpan(at, Math.Min(PacketBytes, nal.Length - at))]));
        }
        return packets;
    }

    // The last packet of a picture says how it is turned, in a header extension of one byte (RFC 8285 section 4.2, 3GPP TS 26.114).
    private static byte[] Packet(byte type, bool marker, EncodedUnit unit, uint rtp, ref ushort sequence, ReadOnlySpan<byte> payload)
    {
        byte[] extension = marker && unit.IsVideo ? [0xBE, 0xDE, 0, 1, OrientationId << 4, (byte)(unit.Rotation / 90), 0, 0] : [];
        byte[] packet = new byte[12 + extension.Length + payload.Length];
        packet[0] = (byte)(extension.Length > 0 ? 0x90 : 0x80);
        packet[1] = (byte)(type | (marker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), rtp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), unit.Ssrc);
        extension.CopyTo(packet, 12);
        payload.CopyTo(packet.AsSpan(12 + extension.Length));
        return packet;
    }

    private static List<byte[]> SplitAnnexB(byte[] data)
    {
        var units = new List<byte[]>();
        int from = -1;
        for (int i = 0; i + 2 < data.Length; i++)
        {
            if (data[i] != 0 || data[i + 1] != 0 || data[i + 2] != 1) continue;
            if (from >= 0) units.Add(data[from..(data[i - 1] == 0 ? i - 1 : i)]);
            from = i + 3;
        }
        units.Add(data[from..]);
        return units;
    }
}
