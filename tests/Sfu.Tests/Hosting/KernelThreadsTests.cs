using Sfu.Hosting;
using Sfu.Media.Native;

namespace Sfu.Tests.Hosting;

/// <summary>What the kernel calls threads.</summary>
public sealed class KernelThreadsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Named_ThoseOfThatNameWhileTheyRun()
    {
        const string Name = "named-in-a-test";
        using var ready = new CountdownEvent(3);
        using var end = new ManualResetEventSlim();
        var own = new List<int>();
        Thread[] threads = [.. new[] { Name, Name, "another" }.Select(name => new Thread(() =>
        {
            lock (own) if (name == Name) own.Add(ThreadSchedule.CurrentThread);
            ready.Signal();
            end.Wait(Patience);
        })
        { Name = name, IsBackground = true })];
        foreach (Thread thread in threads) thread.Start();
        Assert.True(ready.Wait(Patience));

        IReadOnlyList<int> found = KernelThreads.Named(Name);
        Assert.All(found, thread => Assert.True(KernelThreads.IsNamed(thread, Name)));
        Assert.False(KernelThreads.IsNamed(found[0], "another"));
        Assert.False(KernelThreads.IsNamed(0, Name));
        end.Set();
        foreach (Thread thread in threads) Assert.True(thread.Join(Patience));

        Assert.Equal(own.Order(), found.Order());
        Assert.Empty(KernelThreads.Named("no-such-thread"));
    }
}
