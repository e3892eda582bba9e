using CsCheck;
using Sfu.Router.Consumers;

namespace Sfu.Router.Tests.Consumers;

public sealed class RetransmissionBudgetTests
{
    [Fact]
    public void TryTake_AnyRequests_StaysBelowAQuarterAndTheBurst() =>
        Gen.Select(Gen.Int[0, 10], Gen.Int[0, 300], Gen.Int[1, 1200]).Array[1, 200].Sample(rounds =>
        {
            var budget = new RetransmissionBudget();
            long forwarded = 0, resent = 0;
            foreach ((int packets, int requests, int length) in rounds)
            {
                for (int i = 0; i < packets; i++)
                {
                    budget.OnForwarded(1200);
                    forwarded += 1200;
                }

                for (int i = 0; i < requests; i++)
                    if (budget.TryTake(length)) resent += length;
                Assert.True(resent <= forwarded / 4 + RetransmissionBudget.Burst, $"{resent} of {forwarded}");
            }
        }, iter: 500);

    [Fact]
    public void TryTake_FreshTransport_AllowsTheBurst()
    {
        var budget = new RetransmissionBudget();
        for (int i = 0; i < 64; i++) Assert.True(budget.TryTake(1200));
        Assert.False(budget.TryTake(1));
    }
}
