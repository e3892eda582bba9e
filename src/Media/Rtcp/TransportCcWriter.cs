using System.Buffers.Binary;

namespace Sfu.Media.Rtcp;

/// <summary>Writes the chunks and deltas of a transport-cc feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 sections 3.1.1 to 3.1.5).</summary>
/// <remarks>Each chunk is the kind that covers most of what is left: a run of one symbol, 14 symbols of one bit, or 7 of two.</remarks>
public static class TransportCcWriter
{
    /// <summary>Stands for the arrival of a packet that has not come.</summary>
    public const long NotReceived = long.MinValue;

    /// <summary>Writes chunks and deltas, padded to 32 bits.</summary>
    /// <param name="destination">Where they go; a multiple of 4 bytes.</param>
    /// <param name="arrivals">As <see cref="RtcpWriter.WriteTransportCc"/> takes them.</param>
    /// <param name="taken">Entries written; 0 when none of the ones that fit was received.</param>
    /// <param name="referenceTime">Reference time in 64 ms; its lower 24 bits go on the wire.</param>
    /// <returns>Bytes written, a multiple of 4.</returns>
    internal static int Write(Span<byte> destination, ReadOnlySpan<long> arrivals, out int taken, out int referenceTime)
    {
        taken = 0;
        referenceTime = 0;
        int first = arrivals.IndexOfAnyExcept(NotReceived);
        if (first < 0) return 0;
        long reference = arrivals[first] >> 8;                               // 256 ticks of 250 us in 64 ms
        referenceTime = (int)(reference & 0xFF_FFFF);
        long referenceTicks = reference << 8;
        ReadOnlySpan<long> usable = Expressible(arrivals[..Math.Min(arrivals.Length, ushort.MaxValue)], referenceTicks);

        int chunkBytes = Plan(usable, referenceTicks, destination.Length, out int planned);
        if (planned <= first) return 0;
        taken = planned;
        int size = WriteAll(destination, usable, planned, referenceTicks, chunkBytes);
        int padded = (size + 3) & ~3;
        destination[size..padded].Clear();
        return padded;
    }

    /// <summary>The entries before the first whose delta 16 bits cannot hold.</summary>
    private static ReadOnlySpan<long> Expressible(ReadOnlySpan<long> arrivals, long referenceTicks)
    {
        long last = referenceTicks;
        for (int i = 0; i < arrivals.Length; i++)
        {
            if (arrivals[i] == NotReceived) continue;
            if (arrivals[i] - last is < short.MinValue or > short.MaxValue) return arrivals[..i];
            last = arrivals[i];
        }
        return arrivals;
    }

    /// <summary>Finds how many entries fit: chunks and deltas share the room.</summary>
    private static int Plan(ReadOnlySpan<long> arrivals, long last, int room, out int planned)
    {
        planned = 0;
        int chunkBytes = 0;
        while (planned < arrivals.Length)
        {
            Chunk chunk = NextChunk(arrivals[planned..], last, room - 2);
            if (chunk.Count == 0) break;
            room -= 2 + chunk.DeltaBytes;
            chunkBytes += 2;
            planned += chunk.Count;
            last = chunk.Last;
        }
        return chunkBytes;
    }

    /// <summary>Takes the same chunks as <see cref="Plan"/>, from the same room, and writes them and their deltas.</summary>
    private static int WriteAll(Span<byte> destination, ReadOnlySpan<long> arrivals, int planned, long last, int chunkBytes)
    {
        int chunkAt = 0, deltaAt = chunkBytes, room = destination.Length;
        for (int done = 0; done < planned;)
        {
            Chunk chunk = NextChunk(arrivals[done..], last, room - 2);
            room -= 2 + chunk.DeltaBytes;
            BinaryPrimitives.WriteUInt16BigEndian(destination[chunkAt..], chunk.Value);
            chunkAt += 2;
            for (int end = done + chunk.Count; done < end; done++)
            {
                int symbol = SymbolOf(arrivals[done], ref last, out int delta);
                if (symbol == TransportCcFeedback.SmallDelta) destination[deltaAt] = (byte)delta;
                else if (symbol == TransportCcFeedback.LargeDelta) BinaryPrimitives.WriteInt16BigEndian(destination[deltaAt..], (short)delta);
                deltaAt += symbol;                                           // a symbol is the size of its delta
            }
        }
        return deltaAt;
    }

    private static Chunk NextChunk(ReadOnlySpan<long> arrivals, long last, int deltaRoom)
    {
        Chunk run = Run(arrivals, last, deltaRoom);
        if (run.Count >= TransportCcFeedback.OneBitSymbols || run.Count == arrivals.Length) return run;
        Chunk vector = Vector(arrivals, last, deltaRoom);
        return vector.Count > run.Count ? vector : run;
    }

    private static Chunk Run(ReadOnlySpan<long> arrivals, long last, int deltaRoom)
    {
        int symbol = 0, count = 0, bytes = 0;
        for (; count < arrivals.Length && count < TransportCcFeedback.MaxRun; count++)
        {
            long next = last;
            int here = SymbolOf(arrivals[count], ref next, out _);
            if (count == 0) symbol = here;
            if (here != symbol || bytes + here > deltaRoom) break;
            bytes += here;
            last = next;
        }
        return deltaRoom < 0 ? default : new Chunk((ushort)(symbol << 13 | count), count, bytes, last);
    }

    private static Chunk Vector(ReadOnlySpan<long> arrivals, long last, int deltaRoom)
    {
        uint oneBit = 0, twoBit = 0;
        int bytes = 0, twoBitBytes = 0, limit = Math.Min(arrivals.Length, TransportCcFeedback.OneBitSymbols);
        long twoBitLast = last;
        for (int i = 0; i < limit; i++)
        {
            int symbol = SymbolOf(arrivals[i], ref last, out _);
            bytes += symbol;
            if (i < TransportCcFeedback.TwoBitSymbols)
            {
                twoBit |= (uint)symbol << (12 - 2 * i);
                (twoBitBytes, twoBitLast) = (bytes, last);
            }
            if (symbol == TransportCcFeedback.LargeDelta || bytes > deltaRoom)
            {
                int count = Math.Min(arrivals.Length, TransportCcFeedback.TwoBitSymbols);
                for (int rest = i + 1; rest < count; rest++)
                {
                    symbol = SymbolOf(arrivals[rest], ref last, out _);
                    twoBit |= (uint)symbol << (12 - 2 * rest);
                    twoBitBytes += symbol;
                    twoBitLast = last;
                }
                return twoBitBytes <= deltaRoom ? new Chunk((ushort)(0xC000 | twoBit), count, twoBitBytes, twoBitLast) : default;
            }
            oneBit |= (uint)symbol << (13 - i);
        }
        return new Chunk((ushort)(0x8000 | oneBit), limit, bytes, last);
    }

    private static int SymbolOf(long arrival, ref long last, out int delta)
    {
        delta = 0;
        if (arrival == NotReceived) return TransportCcFeedback.NotReceived;
        delta = (int)(arrival - last);
        last = arrival;
        return delta is >= 0 and <= byte.MaxValue ? TransportCcFeedback.SmallDelta : TransportCcFeedback.LargeDelta;
    }

    /// <summary>One chunk: its 16 bits, the entries it covers, the bytes of their deltas, and the last arrival among them.</summary>
    private readonly record struct Chunk(ushort Value, int Count, int DeltaBytes, long Last);
}
