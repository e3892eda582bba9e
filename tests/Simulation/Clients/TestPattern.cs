using System.Buffers.Binary;

namespace Sfu.Simulation.Clients;

/// <summary>Media bytes that say whose they are: track, packet number, and a filling that follows from both.</summary>
internal static class TestPattern
{
    /// <summary>Shortest body.</summary>
    internal const int MinLength = 9;

    /// <summary>Fills a body.</summary>
    /// <param name="body">At least <see cref="MinLength"/> bytes.</param>
    /// <param name="track">Whose it is.</param>
    /// <param name="number">Which packet of the track.</param>
    internal static void Fill(Span<byte> body, uint track, uint number)
    {
        BinaryPrimitives.WriteUInt32BigEndian(body, track);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], number);
        for (int i = 8; i < body.Length; i++) body[i] = At(track, number, i);
    }

    /// <summary>Reads a body; false when one byte is not as it was filled.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> body, out uint track, out uint number)
    {
        track = number = 0;
        if (body.Length < MinLength) return false;
        track = BinaryPrimitives.ReadUInt32BigEndian(body);
        number = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        for (int i = 8; i < body.Length; i++)
            if (body[i] != At(track, number, i)) return false;
        return true;
    }

    private static byte At(uint track, uint number, int index) => (byte)((track * 31) ^ (number * 17) ^ (uint)(index * 7));
}
