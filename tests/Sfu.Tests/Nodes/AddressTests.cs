using System.Net;
using Sfu.Configuration;
using Sfu.Nodes;
using Sfu.Nodes.Workers;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

public sealed class AddressTests
{
    private static readonly IPAddress[] Interfaces =
        [.. ((string[])["127.0.0.1", "::1", "192.0.2.7", "2001:db8::7", "fe80::7%1", "198.51.100.7"]).Select(IPAddress.Parse)];

    [Theory]
    [InlineData("::", "2001:db8::7 192.0.2.7 198.51.100.7")]
    [InlineData("0.0.0.0", "192.0.2.7 198.51.100.7")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public void Covered_BindAddress_GivesWhatClientsReach(string bind, string expected) =>
        Assert.Equal(expected, string.Join(' ', LocalAddresses.Covered(IPAddress.Parse(bind), Interfaces)));

    [Fact]
    public void Covered_OnlyLoopback_IsBetterThanNothing() =>
        Assert.Equal([IPAddress.Loopback], LocalAddresses.Covered(IPAddress.Any, [IPAddress.Loopback]));

    [Fact]
    public void Advertised_Configured_WinsAndIsNotRepeated()
    {
        var options = new MediaOptions { Address = "0.0.0.0" };
        options.AdvertisedAddresses.Add("203.0.113.5");
        options.AdvertisedAddresses.Add("203.0.113.5");
        options.AdvertisedAddresses.Add("2001:db8::5");

        Assert.Equal("203.0.113.5 2001:db8::5", string.Join(' ', LocalAddresses.Advertised(options)));
    }

    [Fact]
    public void Write_TwoAddresses_GivesUdpThenTcpWithFallingPriorities()
    {
        IReadOnlyList<string> candidates = CandidateList.Write([IPAddress.Parse("2001:db8::5"), IPAddress.Parse("203.0.113.5")], 7882, 7881);

        // Host UDP 126 and TCP 90 as type, 4 << 13 | 8191 as local preference of a passive one (RFC 6544 section 4.2).
        Assert.Equal(
            [
                "1 1 udp 2130706431 2001:db8::5 7882 typ host",
                "2 1 udp 2130706175 203.0.113.5 7882 typ host",
                "3 1 tcp 1520435199 2001:db8::5 7881 typ host tcptype passive",
                "4 1 tcp 1520434943 203.0.113.5 7881 typ host tcptype passive",
            ],
            candidates);
    }

    [Fact]
    public void Write_NoTcp_GivesUdpOnly() => Assert.Single(CandidateList.Write([IPAddress.Loopback], 7882, 0));

    [Fact]
    public void EpochTable_BeyondItsCapacity_ForgetsTheOldestRoomOnly()
    {
        var table = new EpochTable();
        for (int i = 0; i <= EpochTable.Capacity; i++) Assert.True(table.TryPass(new RoomFence(new RoomKey("t", $"r{i}"), 7)));

        Assert.True(table.TryPass(new RoomFence(new RoomKey("t", "r0"), 1)));
        Assert.False(table.TryPass(new RoomFence(new RoomKey("t", $"r{EpochTable.Capacity}"), 6)));
    }
}
