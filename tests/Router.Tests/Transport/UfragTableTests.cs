using System.Text;
using CsCheck;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class UfragTableTests
{
    [Fact]
    public void AnyOperations_AgreeWithADictionary() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 30], Gen.Int[0, 99]).Array[0, 200].Sample(operations =>
        {
            var table = new UfragTable();
            Dictionary<string, int> model = [];
            foreach ((int what, int number, int slot) in operations)
            {
                string ufrag = $"frag{number}";
                if (what < 2) Assert.Equal(model.TryAdd(ufrag, slot), table.TryAdd(ufrag, slot));
                else
                {
                    table.Remove(ufrag);
                    model.Remove(ufrag);
                }

                Assert.Equal(model.GetValueOrDefault(ufrag, -1), table.Find(Encoding.ASCII.GetBytes(ufrag)));
            }
        });

    [Fact]
    public void Find_PartOfAFragmentOrOtherCase_IsAbsent()
    {
        var table = new UfragTable();
        table.TryAdd("Abcd", 1);

        Assert.Equal(-1, table.Find("Abc"u8));
        Assert.Equal(-1, table.Find("Abcde"u8));
        Assert.Equal(-1, table.Find("abcd"u8));
        Assert.Equal(-1, table.Find([]));
    }

    [Fact]
    public void Find_LongerThanAnyFragment_IsAbsent()
    {
        var table = new UfragTable();
        table.TryAdd(new string('a', 256), 1);

        Assert.Equal(1, table.Find(Encoding.ASCII.GetBytes(new string('a', 256))));
        Assert.Equal(-1, table.Find(new byte[257]));
        Assert.Equal(-1, table.Find(new byte[1500]));
    }

    [Fact]
    public void Find_NotAscii_IsAbsent()
    {
        var table = new UfragTable();
        table.TryAdd("????", 1);

        Assert.Equal(-1, table.Find([0xC3, 0xBC, 0xFF, 0x00]));      // must not be folded into question marks
    }
}
