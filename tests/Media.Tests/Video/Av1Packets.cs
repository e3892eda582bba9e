namespace Sfu.Media.Tests.Video;

/// <summary>Pays AV1 temporal units into RTP (AOM RTP specification section 4), as a sender would.</summary>
internal static class Av1Packets
{
    /// <summary>All packets of a stream; the form of the element count changes from frame to frame.</summary>
    public static List<VideoPacket> Of(IReadOnlyList<byte[]> units, int maxPayload)
    {
        var packets = new List<VideoPacket>();
        long sequence = 65_500;
        for (int i = 0; i < units.Count; i++)
        {
            List<byte[]> payloads = Payloads(Obus(units[i]), maxPayload, withCount: i % 2 == 0, isNewSequence: i == 0);
            for (int k = 0; k < payloads.Count; k++)
                packets.Add(VideoPacket.Of(sequence++, i, (uint)(4_294_900_000 + i * 6000L), k == payloads.Count - 1, payloads[k]));
        }

        return packets;
    }

    /// <summary>The OBUs of a temporal unit without their sizes, temporal delimiters left out.</summary>
    public static List<byte[]> Obus(ReadOnlySpan<byte> unit)
    {
        var obus = new List<byte[]>();
        while (!unit.IsEmpty)
        {
            int headLength = (unit[0] & 0x04) != 0 ? 2 : 1, at = headLength, size = 0;
            Assert.True((unit[0] & 0x02) != 0, "an OBU has no size");
            for (int shift = 0; ; shift += 7)
            {
                size |= (unit[at] & 0x7F) << shift;
                if ((unit[at++] & 0x80) == 0) break;
            }
            byte[] obu = [.. unit[..headLength], .. unit.Slice(at, size)];
            obu[0] &= 0xFD;
            if ((obu[0] >> 3 & 0x0F) != 2) obus.Add(obu);
            unit = unit[(at + size)..];
        }
        return obus;
    }

    /// <summary>Payloads of one temporal unit: elements filled up to the limit, an OBU that does not fit goes on in the next packet.</summary>
    public static List<byte[]> Payloads(List<byte[]> obus, int maxPayload, bool withCount, bool isNewSequence)
    {
        var payloads = new List<byte[]>();
        int obu = 0, at = 0;
        while (obu < obus.Count)
        {
            bool isContinued = at > 0;
            var elements = new List<byte[]>();
            int used = 1;
            while (obu < obus.Count && used + 3 < maxPayload && elements.Count < 3)
            {
                int length = Math.Min(obus[obu].Length - at, maxPayload - used - 2);
                elements.Add(obus[obu][at..(at + length)]);
                used += length + 2;
                at += length;
                if (at < obus[obu].Length) break;
                (obu, at) = (obu + 1, 0);
            }
            int head = (isContinued ? 0x80 : 0) | (at > 0 ? 0x40 : 0) | (withCount ? elements.Count << 4 : 0) | (isNewSequence && payloads.Count == 0 ? 0x08 : 0);
            var payload = new List<byte> { (byte)head };
            for (int i = 0; i < elements.Count; i++)
            {
                if (!withCount || i < elements.Count - 1) payload.AddRange(Leb128(elements[i].Length));
                payload.AddRange(elements[i]);
            }
            payloads.Add([.. payload]);
        }
        return payloads;
    }

    private static IEnumerable<byte> Leb128(int value)
    {
        for (; value > 0x7F; value >>= 7) yield return (byte)(value & 0x7F | 0x80);
        yield return (byte)value;
    }
}
