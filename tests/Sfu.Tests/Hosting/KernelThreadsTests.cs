using Sfu.Hosting;
using Sfu.Media.Native;

namespace Sfu.Tests.Hosting;

/// <summary>What the kernel calls threads.</summary>
public sealed class KernelThreadsTests
{
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
            end.Wait();
        })
        { Name = name })];
        foreach (Thread thread in threads) thread.Start();
        ready.Wait();

        IReadOnlyList<int> found = KernelThreads.Named(Name);
        end.Set();
        foreach (Thread thread in threads) thread.Join();

        Assert.Equal(own.Order(), found.Order());
        Assert.Empty(KernelThreads.Named("no-such-thread"));
    }
}
