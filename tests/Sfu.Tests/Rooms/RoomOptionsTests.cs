using Microsoft.Extensions.Options;
using Sfu.Configuration;

namespace Sfu.Tests.Rooms;

/// <summary>Wrong settings stop the start with a usable sentence.</summary>
public sealed class RoomOptionsTests
{
    public static TheoryData<string, RoomOptions> Wrong => new()
    {
        { "MaxParticipants is 0; use 1 to 500", new RoomOptions { MaxParticipants = 0 } },
        { "MaxParticipants is 501; use 1 to 500", new RoomOptions { MaxParticipants = 501 } },
        { "MaxParticipantsLimit is 1001; use 1 to 1000", new RoomOptions { MaxParticipantsLimit = 1001 } },
        { "EmptyTimeout is 00:00:00", new RoomOptions { EmptyTimeout = TimeSpan.Zero } },
        { "DepartureTimeout is -00:00:01", new RoomOptions { DepartureTimeout = TimeSpan.FromSeconds(-1) } },
        { "MaxTracks is 65", new RoomOptions { MaxTracks = 65 } },
        { "MaxWaiting is 0", new RoomOptions { MaxWaiting = 0 } },
        { "LobbyTimeout is 00:00:09", new RoomOptions { LobbyTimeout = TimeSpan.FromSeconds(9) } },
        { "NodeLostTimeout is 00:10:01", new RoomOptions { NodeLostTimeout = TimeSpan.FromSeconds(601) } },
        { "MaxRooms is 0", new RoomOptions { MaxRooms = 0 } },
        { "MaxRoomsPerTenant is 100001", new RoomOptions { MaxRoomsPerTenant = 100_001 } },
        { "MaxParticipantsPerNode is 0", new RoomOptions { MaxParticipantsPerNode = 0 } },
        { "JoinsPerSecond is 0", new RoomOptions { JoinsPerSecond = 0 } },
        { "JoinQueue is -1", new RoomOptions { JoinQueue = -1 } },
        { "ResumesPerSecond is 0", new RoomOptions { ResumesPerSecond = 0 } },
        { "ResumeQueue is -1", new RoomOptions { ResumeQueue = -1 } },
        { "LogRetention is 00:59:00", new RoomOptions { LogRetention = TimeSpan.FromMinutes(59) } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_OutOfRange_NamesTheOptionAndItsRange(string sentence, RoomOptions options)
    {
        ValidateOptionsResult result = new RoomOptionsValidator().Validate(null, options);
        Assert.Contains($"Sfu:Rooms:{sentence}", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_Defaults_AreRight() => Assert.True(new RoomOptionsValidator().Validate(null, new RoomOptions()).Succeeded);

    [Theory]
    [InlineData("embedded", true)]
    [InlineData("postgres", false)]
    [InlineData("redis", false)]
    [InlineData("", false)]
    [InlineData("Embedded", false)]
    public void Validate_ClusterMode_OnlyWhatThisVersionHas(string mode, bool good)
    {
        ValidateOptionsResult result = new ClusterOptionsValidator().Validate(null, new ClusterOptions { Mode = mode });
        Assert.Equal(good, result.Succeeded);
        if (!good) Assert.Contains($"'{mode}'; this version supports only 'embedded'", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }
}
