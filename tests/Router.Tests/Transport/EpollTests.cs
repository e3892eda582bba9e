using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Tests.Transport;

/// <summary>Waiting while signals come, as they do when the runtime stops threads to collect garbage.</summary>
[SupportedOSPlatform("linux")]
public sealed class EpollTests : IDisposable
{
    private const int TenSeconds = 10_000;
    private static readonly TimeSpan SignalsEnd = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenSignals = TimeSpan.FromMilliseconds(5);

    private readonly PosixSignalRegistration _handler = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, context => context.Cancel = true);
    private readonly EventFd _bell = new();
    private readonly Epoll _epoll = new();

    public EpollTests() => _epoll.Add(_bell.Descriptor, LibCConstants.EpollIn, 0);

    public void Dispose()
    {
        _epoll.Dispose();
        _bell.Dispose();
        _handler.Dispose();
    }

    [Fact]
    public void Wait_Signal_Ends()
    {
        long start = Stopwatch.GetTimestamp();
        int ready = WithSignals(() => _epoll.Wait(TenSeconds), ringAfter: TimeSpan.MaxValue);

        Assert.Equal(0, ready);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void WaitThroughSignals_Signals_EndsWhenSomethingIsReady() =>
        Assert.Equal(1, WithSignals(() => _epoll.WaitThroughSignals(TenSeconds), ringAfter: TimeSpan.FromMilliseconds(50)));

    [Fact]
    public void WaitThroughSignals_NothingReady_EndsAfterTheTime() => Assert.Equal(0, _epoll.WaitThroughSignals(1));

    [Fact]
    public void WaitThroughSignals_SignalsWithoutEnd_EndsAllTheSame()
    {
        long start = Stopwatch.GetTimestamp();
        int ready = WithSignals(() => _epoll.WaitThroughSignals(TenSeconds), ringAfter: TimeSpan.MaxValue);

        Assert.Equal(0, ready);
        Assert.InRange(_epoll.Waits, 2, 100);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, SignalsEnd);    // not for want of signals
    }

    /// <summary>Does something in a thread that is sent a signal each 5 ms meanwhile, for <see cref="SignalsEnd"/> at most.</summary>
    private int WithSignals(Func<int> act, TimeSpan ringAfter)
    {
        using var hasEnded = new ManualResetEventSlim();
        nint self = CurrentThread();
        var signaller = new Thread(() =>
        {
            long start = Stopwatch.GetTimestamp();
            bool hasRung = false;
            while (!hasEnded.Wait(BetweenSignals) && Stopwatch.GetElapsedTime(start) < SignalsEnd)
            {
                _ = SendSignal(self, 28);                  // SIGWINCH: the runtime's handler does not end the process
                if (hasRung || Stopwatch.GetElapsedTime(start) < ringAfter) continue;
                _bell.Ring();
                hasRung = true;
            }
        });
        signaller.Start();
        int result = act();
        hasEnded.Set();
        signaller.Join();
        return result;
    }

    [DllImport("libc.so.6", EntryPoint = "pthread_self")]
    private static extern nint CurrentThread();

    [DllImport("libc.so.6", EntryPoint = "pthread_kill")]
    private static extern int SendSignal(nint thread, int signal);
}
