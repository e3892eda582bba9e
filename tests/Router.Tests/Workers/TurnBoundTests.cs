using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Workers;

/// <summary>A turn of the real worker is bounded in work, so that no packet waits long for another: told by what happens between two waits.</summary>
public sealed class TurnBoundTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly MediaWorker _worker = new(new MediaWorkerOptions(), VirtualClient.ServerCertificate);

    public TurnBoundTests() => _worker.Start();

    public void Dispose() => _worker.Dispose();

    [Fact]
    public void Turn_ManyDatagramsWait_TakesFourBatchesAndThenLooksAtTheRest()
    {
        const int datagrams = 600;
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(IPAddress.Loopback, _worker.UdpPort);
        long before = 0, after = 0;
        HoldUntil(
            () =>
            {
                for (int i = 0; i < datagrams; i++) sender.Send(new byte[20]);
            },
            () => before = _worker.Calls.Receives,
            () => after = _worker.Calls.Receives);

        Assert.Equal(4, after - before);
    }

    [Fact]
    public void Turn_ManyCommandsWait_TakesThirtyTwo()
    {
        var turns = new List<long>();
        var done = new ManualResetEventSlim();
        HoldUntil(() =>
        {
            for (int i = 0; i < 200; i++) Assert.True(_worker.TryPost(new PassBarrier(() => turns.Add(_worker.Calls.Waits))));
            Assert.True(_worker.TryPost(new PassBarrier(done.Set)));
        });
        Assert.True(done.Wait(Patience));

        Assert.Equal(200, turns.Count);
        Assert.All(turns.CountBy(turn => turn), turn => Assert.InRange(turn.Value, 1, 32));
    }

    [Fact]
    public void Turn_LongCommands_TakesOneAfterAHundredMicroseconds()
    {
        var turns = new List<long>();
        var done = new ManualResetEventSlim();
        HoldUntil(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                Assert.True(_worker.TryPost(new PassBarrier(() =>
                {
                    turns.Add(_worker.Calls.Waits);
                    Spin(TimeSpan.FromMicroseconds(150));
                })));
            }

            Assert.True(_worker.TryPost(new PassBarrier(done.Set)));
        });
        Assert.True(done.Wait(Patience));

        Assert.Equal(turns.Count, turns.Distinct().Count());
    }

    /// <summary>Does something while the worker waits in a command; says when that command ends, and when the next one in another turn runs.</summary>
    private void HoldUntil(Action meanwhile, Action? atTheEnd = null, Action? inTheNextTurn = null)
    {
        var held = new ManualResetEventSlim();             // not disposed: the worker may still be in them
        var free = new ManualResetEventSlim();
        var done = new ManualResetEventSlim();
        Assert.True(_worker.TryPost(new PassBarrier(() =>
        {
            held.Set();
            free.Wait(Patience);
            Spin(TimeSpan.FromMilliseconds(1));            // longer than it takes commands in one turn
            atTheEnd?.Invoke();
        })));
        Assert.True(held.Wait(Patience));
        Assert.True(_worker.TryPost(new PassBarrier(() =>
        {
            inTheNextTurn?.Invoke();
            done.Set();
        })));
        meanwhile();
        free.Set();
        Assert.True(done.Wait(Patience));
    }

    private static void Spin(TimeSpan span)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < span;) Thread.SpinWait(20);
    }
}
