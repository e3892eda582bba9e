using CsCheck;
using Sfu.Recorder.Evidence;
using Sfu.Tests;

namespace Sfu.Recorder.Tests.Evidence;

/// <summary>Roots and proofs against the vectors of certificate-transparency (merkle_tree_test.cc: eight entries, the roots after each).</summary>
public sealed class MerkleTreeTests
{
    private static readonly string[] Entries =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Root_NoEntries_IsTheHashOfNothing() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ManifestJson.Hex(new MerkleTree().Root()));

    [Fact]
    public void Root_KnownEntries_IsTheKnownRoot()
    {
        var tree = new MerkleTree();
        for (int i = 0; i < Entries.Length; i++)
        {
            tree.Add(Convert.FromHexString(Entries[i]));
            Assert.Equal(Roots[i], ManifestJson.Hex(tree.Root()));
        }
        Assert.Equal(8, tree.Count);
    }

    [Theory]
    [InlineData(0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    public void PathOf_KnownEntries_IsTheKnownPath(int index, int size, string expected)
    {
        var paths = new MerklePaths([.. Entries.Take(size).Select(Convert.FromHexString)]);

        Assert.Equal(expected, string.Join(' ', paths.PathOf(index).Select(hash => ManifestJson.Hex(hash))));
        Assert.Equal(Roots[size - 1], ManifestJson.Hex(paths.Root));
    }

    [Fact]
    public void PathOf_AnyTree_LeadsFromItsEntryAndNoOtherToTheRoot() =>
        Gen.Select(Gen.Byte.Array[0, 40].Array[1, 70], Gen.Int[0, 69], Gen.Int[0, 1000]).Sample((entries, at, change) =>
        {
            int index = at % entries.Length;
            var tree = new MerkleTree();
            foreach (byte[] entry in entries) tree.Add(entry);
            var paths = new MerklePaths(entries);
            byte[][] path = [.. paths.PathOf(index)];
            Assert.Equal(RfcTree.Root(entries), tree.Root());
            Assert.Equal(tree.Root(), paths.Root);
            Assert.Equal(tree.Root(), Climb(entries[index]));
            Assert.NotEqual(tree.Root(), Climb([.. entries[index], 1]));
            if (path.Length == 0) return;
            path[change % path.Length][change % 32] ^= 1;
            Assert.NotEqual(tree.Root(), Climb(entries[index]));

            byte[] Climb(byte[] entry) => RfcTree.Climb(entry, index, entries.Length, [.. path.Select(hash => ManifestJson.Hex(hash))]);
        });
}
