using System.Net;
using Sfu.Signalling.Sockets;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sockets;

public sealed class AddressLimitsTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Two = IPAddress.Parse("192.0.2.2");
    private readonly World _world = new();

    private AddressLimits Limits => _world.Limits;

    [Fact]
    public void TryEnter_TooManyUnjoined_IsRefusedUntilOneJoinsOrGoes()
    {
        _world.Options.UnjoinedPerAddress = 2;
        AddressLimits.SocketLease first = Limits.TryEnter(One)!, second = Limits.TryEnter(One)!;
        Assert.Null(Limits.TryEnter(One));
        Assert.NotNull(Limits.TryEnter(Two));

        first.MarkJoined();
        first.MarkJoined();
        AddressLimits.SocketLease third = Limits.TryEnter(One)!;
        Assert.Null(Limits.TryEnter(One));
        second.Dispose();
        second.Dispose();
        Assert.NotNull(Limits.TryEnter(One));
        Assert.Null(Limits.TryEnter(One));
        third.Dispose();
    }

    [Fact]
    public void TryEnter_TooManySockets_IsRefusedAlthoughTheyJoined()
    {
        _world.Options.SocketsPerAddress = 2;
        Limits.TryEnter(One)!.MarkJoined();
        AddressLimits.SocketLease second = Limits.TryEnter(One)!;
        second.MarkJoined();
        Assert.Null(Limits.TryEnter(One));
        second.Dispose();
        Assert.NotNull(Limits.TryEnter(One));
    }

    [Fact]
    public void TryEnter_TooManyNewOnesPerSecond_IsRefusedForAWhile()
    {
        _world.Options.NewSocketsPerAddress = 2;
        Limits.TryEnter(One)!.Dispose();
        Limits.TryEnter(One)!.Dispose();
        Assert.Null(Limits.TryEnter(One));
        _world.Clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.NotNull(Limits.TryEnter(One));
        Assert.Null(Limits.TryEnter(One));
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "c000:201::", false)]
    [InlineData("0.0.0.0", null, false)]
    public void TryEnter_Addresses_AreToldApartByWhatAClientOwns(string first, string? second, bool isSame)
    {
        _world.Options.UnjoinedPerAddress = 1;
        Assert.NotNull(Limits.TryEnter(IPAddress.Parse(first)));
        Assert.Equal(isSame, Limits.TryEnter(second is null ? null : IPAddress.Parse(second)) is null);
    }

    [Fact]
    public void MayTry_FailuresSpreadOut_AreForgotten()
    {
        for (int minute = 0; minute < 5; minute++)
        {
            for (int i = 0; i < 19; i++) Limits.Failed(One);
            Assert.True(Limits.MayTry(One, out _));
            _world.Clock.Advance(TimeSpan.FromSeconds(61));
        }
    }

    [Fact]
    public void MayTry_TooManyFailures_WaitsAMinuteAndCountsAfresh()
    {
        for (int i = 0; i < 20; i++) Limits.Failed(One);
        Assert.False(Limits.MayTry(One, out TimeSpan wait));
        Assert.Equal(TimeSpan.FromMinutes(1), wait);
        Assert.True(Limits.MayTry(Two, out _));
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Limits.MayTry(One, out _));
        for (int i = 0; i < 19; i++) Limits.Failed(One);
        Assert.True(Limits.MayTry(One, out _));
    }

    [Fact]
    public void Failed_BlockedAddressSilentForLong_IsStillBlockedInItsMinute()
    {
        for (int i = 0; i < 20; i++) Limits.Failed(One);
        _world.Clock.Advance(TimeSpan.FromSeconds(59));
        Limits.TryEnter(Two);
        Assert.False(Limits.MayTry(One, out _));
    }

    [Fact]
    public void TryEnter_MoreAddressesThanAreKept_ShareOne()
    {
        _world.Options.UnjoinedPerAddress = 1;
        for (int i = 0; i < AddressLimits.MaxAddresses; i++) Limits.MayTry(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]), out _);
        Assert.NotNull(Limits.TryEnter(One));
        Assert.Null(Limits.TryEnter(Two));

        // Two minutes later those that hold nothing are forgotten.
        _world.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull(Limits.TryEnter(Two));
    }
}
