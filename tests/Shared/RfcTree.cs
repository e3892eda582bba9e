using System.Security.Cryptography;

namespace Sfu.Tests;

/// <summary>RFC 9162 section 2.1, written from its text for tests: shares nothing with the server's trees.</summary>
internal static class RfcTree
{
    /// <summary>Section 2.1.3.2: the root that an inclusion path leads to.</summary>
    public static byte[] Climb(byte[] hash, long index, long size, IReadOnlyList<string> path)
    {
        (long fn, long sn) = (index, size - 1);
        byte[] r = SHA256.HashData([0x00, .. hash]);
        foreach (byte[] p in path.Select(Convert.FromHexString))
        {
            Assert.NotEqual(0, sn);
            if ((fn & 1) == 1 || fn == sn)
            {
                r = SHA256.HashData([0x01, .. p, .. r]);
                while ((fn & 1) == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            }
            else r = SHA256.HashData([0x01, .. r, .. p]);

            (fn, sn) = (fn >> 1, sn >> 1);
        }

        Assert.Equal(0, sn);
        return r;
    }

    /// <summary>Section 2.1.1: MTH of a list, by its recursion.</summary>
    public static byte[] Root(ReadOnlySpan<byte[]> hashes)
    {
        if (hashes.Length == 0) return SHA256.HashData([]);
        if (hashes.Length == 1) return SHA256.HashData([0x00, .. hashes[0]]);
        int k = 1;
        while (2 * k < hashes.Length) k *= 2;
        return SHA256.HashData([0x01, .. Root(hashes[..k]), .. Root(hashes[k..])]);
    }
}
