using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class SourceRateTableTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(50);

    [Fact]
    public void TryTake_MoreThanTheBudgetInASecond_Refuses()
    {
        var table = new SourceRateTable(3);
        TransportAddress source = TransportAddress.FromIPv4(0x0102_0304, 4000);

        int taken = Enumerable.Range(0, 5000).Count(_ => table.TryTake(Start, source));

        Assert.Equal(SourceRateTable.PerSecond, taken);
        Assert.True(table.TryTake(Start + TimeSpan.FromSeconds(1), source));
    }

    [Fact]
    public void TryTake_OtherPortsOfTheSource_ShareItsBudget()
    {
        var table = new SourceRateTable(3);

        int taken = Enumerable.Range(0, 5000).Count(i => table.TryTake(Start, TransportAddress.FromIPv4(0x0102_0304, (ushort)(1 + i))));

        Assert.Equal(SourceRateTable.PerSecond, taken);
    }

    [Fact]
    public void TryTake_WhileAnotherSourceFloods_KeepsItsBudget()
    {
        var table = new SourceRateTable(3);
        for (int i = 0; i < 5000; i++) table.TryTake(Start, TransportAddress.FromIPv4(0x0102_0304, 4000));

        // Places are shared by chance: of 100 sources at most a few meet the flood's.
        int served = Enumerable.Range(0, 100).Count(i => table.TryTake(Start, TransportAddress.FromIPv4(0x0B00_0000u + (uint)i, 4000)));

        Assert.InRange(served, 97, 100);
    }

    [Fact]
    public void TryTake_SeedsDiffer_PlacesDiffer()
    {
        // An attacker who knows the code must not find sources that share a victim's budget under every seed.
        TransportAddress victim = TransportAddress.FromIPv4(0x0102_0304, 4000);
        TransportAddress[] others = [.. Enumerable.Range(0, 20_000).Select(i => TransportAddress.FromIPv4(0x0B00_0000u + (uint)i, 4000))];

        HashSet<TransportAddress> first = Sharing(11, victim, others);
        HashSet<TransportAddress> second = Sharing(12, victim, others);

        Assert.NotEmpty(first);
        Assert.False(first.SetEquals(second));
    }

    private static HashSet<TransportAddress> Sharing(ulong seed, TransportAddress victim, TransportAddress[] others)
    {
        var table = new SourceRateTable(seed);
        for (int i = 0; i < SourceRateTable.PerSecond; i++) table.TryTake(Start, victim);
        return [.. others.Where(other => !table.TryTake(Start, other))];
    }
}
