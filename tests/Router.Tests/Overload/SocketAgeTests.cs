using Sfu.Media.Time;
using Sfu.Router.Overload;

namespace Sfu.Router.Tests.Overload;

public sealed class SocketAgeTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);
    private readonly SocketAge _age = new(Start);

    [Fact]
    public void Oldest_AfterAWaitThatBlocked_IsNothing()
    {
        MediaTime now = Start + TimeSpan.FromMilliseconds(7);
        _age.OnWaited(Start, now, mayBlock: true);

        Assert.Equal(TimeSpan.Zero, _age.Oldest(now));
    }

    [Fact]
    public void Oldest_SocketNotEmptied_CountsFromWhenItLastWas()
    {
        MediaTime end = Start + TimeSpan.FromMilliseconds(8);
        _age.OnEmpty(Start + TimeSpan.FromMilliseconds(3));
        _age.OnWaited(end, end + TimeSpan.FromMicroseconds(5), mayBlock: true);

        Assert.Equal(TimeSpan.FromMilliseconds(5), _age.Oldest(end));
    }

    [Fact]
    public void OnWaited_OnlyLooked_ProvesNothingHoweverLongItTook()
    {
        MediaTime end = Start + TimeSpan.FromMilliseconds(8);
        _age.OnWaited(Start, end, mayBlock: false);

        Assert.Equal(TimeSpan.FromMilliseconds(8), _age.Oldest(end));
    }
}
