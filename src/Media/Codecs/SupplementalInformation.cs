namespace Sfu.Media.Codecs;

/// <summary>Walks the messages of an SEI NAL unit; H.264 section 7.3.2.3.1 and H.265 section 7.3.5 write them alike.</summary>
internal static class SupplementalInformation
{
    private const int MaxMessages = 16;
    private const int MaxRecoveryFrames = 65_535;

    /// <summary>Goes to the content of the first message of a type.</summary>
    /// <param name="reader">Behind the NAL unit header.</param>
    /// <param name="type">payloadType.</param>
    public static bool TryFind(ref BitReader reader, int type)
    {
        for (int i = 0; i < MaxMessages && !reader.Failed; i++)
        {
            int found = ReadExtended(ref reader), size = ReadExtended(ref reader);
            if (reader.Failed) return false;
            if (found == type) return true;
            reader.Skip(8 * size);
        }
        return false;
    }

    /// <summary>Takes a count of frames that was read, unless it is out of its range.</summary>
    public static bool TryReadCount(long value, bool hasFailed, out int frames)
    {
        frames = 0;
        if (hasFailed || value is < 0 or > MaxRecoveryFrames) return false;
        frames = (int)value;
        return true;
    }

    // A number in bytes of 255 and a last smaller one.
    private static int ReadExtended(ref BitReader reader)
    {
        int value = 0;
        uint part;
        do
        {
            part = reader.Read(8);
            value += (int)part;
        }
        while (part == 0xFF && !reader.Failed);
        return value;
    }
}
