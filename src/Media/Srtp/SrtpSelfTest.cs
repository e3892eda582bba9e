using Sfu.Media.Rtp;

namespace Sfu.Media.Srtp;

/// <summary>Compares an engine with OpenSSL before it may touch a packet.</summary>
internal static class SrtpSelfTest
{
    private const int HeaderLength = 20;
    private static readonly int[] Lengths = [0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 255, 256, 257, 767, 768, 769, 1023, 1200, 1460];

    /// <summary>True when both key sizes give OpenSSL's bytes for every length, open them again, and refuse a changed tag.</summary>
    /// <param name="create">Makes a cipher from a key; true to encrypt.</param>
    public static bool AgreesWithOpenSsl(Func<byte[], bool, AeadCipher> create) => AgreesWithOpenSsl(create, 16) && AgreesWithOpenSsl(create, 32);

    private static bool AgreesWithOpenSsl(Func<byte[], bool, AeadCipher> create, int keyLength)
    {
        var key = new byte[keyLength];
        Fill(key, 3);
        using AeadCipher sealer = create(key, true), opener = create(key, false);
        using AeadCipher reference = SrtpEngine.OpenSsl.CreateGcm(key, encrypt: true);
        Span<byte> iv = stackalloc byte[12], plain = new byte[Lengths[^1]], expected = new byte[HeaderLength + plain.Length + AeadCipher.TagLength];
        Span<byte> actual = new byte[expected.Length], opened = new byte[plain.Length];
        foreach (int length in Lengths)
        {
            Fill(iv, (byte)length);
            Fill(plain, (byte)(length + 1));
            Fill(expected[..HeaderLength], 7);
            Fill(actual[..HeaderLength], 7);
            int end = HeaderLength + length;
            reference.Seal(iv, expected[..HeaderLength], plain[..length], expected[HeaderLength..]);
            sealer.Seal(iv, actual[..HeaderLength], plain[..length], actual[HeaderLength..]);
            if (!actual[..(end + AeadCipher.TagLength)].SequenceEqual(expected[..(end + AeadCipher.TagLength)])) return false;
            Span<byte> tag = actual.Slice(end, AeadCipher.TagLength);
            if (!opener.TryOpen(iv, actual[..HeaderLength], actual[HeaderLength..end], tag, opened)) return false;
            if (!opened[..length].SequenceEqual(plain[..length])) return false;
            tag[length % AeadCipher.TagLength] ^= 1;
            if (opener.TryOpen(iv, actual[..HeaderLength], actual[HeaderLength..end], tag, opened)) return false;
        }
        return true;
    }

    /// <summary>True when an engine's batch gives OpenSSL's bytes for packets of every length, many at once.</summary>
    public static bool AgreesWithOpenSsl(SrtpEngine engine)
    {
        const SrtpProfile profile = SrtpProfile.Aes128CmHmacSha1Tag80;
        var exported = new byte[SrtpKeys.ExportedLength(profile)];
        Fill(exported, 5);
        using SrtpSender sender = new(SrtpKeys.FromDtls(profile, exported, true), engine), reference = new(SrtpKeys.FromDtls(profile, exported, true), SrtpEngine.OpenSsl);
        using SrtpBatch batch = engine.CreateBatch();
        int stride = HeaderLength + Lengths[^1] + SrtpLimits.MaxOverhead, count = 2 * Lengths.Length;
        byte[] expected = new byte[count * stride], actual = GC.AllocateArray<byte>(count * stride, pinned: true), plain = new byte[Lengths[^1]];
        for (int i = 0; i < count; i++)
        {
            int length = Lengths[i < Lengths.Length ? i : count - 1 - i];
            ulong index = (ulong)i << 40 | (ulong)i << 14;
            Span<byte> one = expected.AsSpan(i * stride, stride), other = actual.AsSpan(i * stride, stride);
            Fill(plain, (byte)i);
            Fill(one[..HeaderLength], (byte)(i + 9));
            Fill(other[..HeaderLength], (byte)(i + 9));
            reference.Protect(one, HeaderLength, plain.AsSpan(0, length), new Ssrc((uint)i), index);
            sender.Protect(other, HeaderLength, plain.AsSpan(0, length), new Ssrc((uint)i), index, batch);
        }

        batch.Flush();
        return expected.AsSpan().SequenceEqual(actual);
    }

    private static void Fill(Span<byte> bytes, byte seed)
    {
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i * 167 + seed * 59 + (i >> 3));
    }
}
