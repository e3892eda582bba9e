using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class SegmentationPolicyTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);

    [Fact]
    public void Allows_NotSupported_IsFalse() => Assert.False(new SegmentationPolicy(false).Allows(Start, Receiver(1)));

    [Fact]
    public void OnRefused_OneReceiver_StopsMergingForItAloneForAMinute()
    {
        var policy = new SegmentationPolicy(true);

        policy.OnRefused(Start, Receiver(1));

        Assert.False(policy.Allows(Start + TimeSpan.FromSeconds(59.9), Receiver(1)));
        Assert.True(policy.Allows(Start, Receiver(2)));
        Assert.True(policy.Allows(Start + TimeSpan.FromSeconds(60), Receiver(1)));
        Assert.Equal(1, policy.Refusals);
    }

    [Fact]
    public void OnRefused_ThreeInARow_StopsMergingForTheSocket()
    {
        var policy = new SegmentationPolicy(true);

        for (int i = 0; i < 3; i++) policy.OnRefused(Start, Receiver(i));

        Assert.False(policy.IsEnabled);
        Assert.False(policy.Allows(Start + TimeSpan.FromDays(1), Receiver(9)));
    }

    [Fact]
    public void OnRefused_WithSuccessesBetween_KeepsTheSocketMerging()
    {
        var policy = new SegmentationPolicy(true);

        for (int i = 0; i < 50; i++)
        {
            policy.OnRefused(Start, Receiver(i));
            policy.OnAccepted();
        }

        Assert.True(policy.IsEnabled);
        Assert.All(Enumerable.Range(0, 50), i => Assert.False(policy.Allows(Start, Receiver(i))));
        Assert.True(policy.Allows(Start, Receiver(50)));
    }

    [Fact]
    public void OnRefused_MoreReceiversThanItRemembers_StopsMergingForTheSocket()
    {
        var policy = new SegmentationPolicy(true);

        for (int i = 0; i < 65; i++)
        {
            policy.OnRefused(Start, Receiver(i));
            policy.OnAccepted();
        }

        Assert.False(policy.IsEnabled);
    }

    private static TransportAddress Receiver(int number) => TransportAddress.FromIPv4(0x0A00_0000u + (uint)number, 5000);
}
