using System.Runtime;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Media.Codecs;
using Sfu.Media.Dtls;
using Sfu.Media.Srtp;
using Sfu.Nodes.Workers;
using Sfu.Router.WarmUp;

namespace Sfu.Hosting;

/// <summary>Has the runtime compile the packet path to the end before the node takes calls, by two calls in memory (docs/performance.md, runtime settings).</summary>
/// <remarks>Rounds of packets with pauses, until a round has nothing more compiled: the runtime counts calls only when it was left alone for 100 ms, and compiles
/// in the background. A server that cannot warm up serves all the same.</remarks>
internal sealed class WarmUp(IOptions<MediaOptions> options, TimeProvider time, ILogger<WarmUp> logger) : IDisposable
{
    /// <summary>Longest time that readiness waits for it.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private const int MinRounds = 3;
    private const int MaxRounds = 6;                       // a call that has begun meanwhile has things compiled as well
    private const int Settled = 5;                         // methods compiled in a round, by whatever part of the process
    private static readonly TimeSpan LongestRound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    // What is called for each packet, for each sound and for each report of a client is called 30 times in a round at least, which is when it is compiled.
    private static readonly TimeSpan Media = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(40);

    private readonly CancellationTokenSource _end = new();
    private Thread? _thread;
    private volatile bool _isAwaited;

    /// <summary>The node is to take no calls yet.</summary>
    internal bool IsAwaited => _isAwaited;

    /// <summary>Begins, on a thread of its own; what is compiled stays compiled, so the process does this and not every host of it.</summary>
    internal void Begin()
    {
        if (!options.Value.WarmUp) return;
        _isAwaited = true;
        _thread = new Thread(Run) { IsBackground = true, Name = "warm-up" };
        _thread.Start();
    }

    /// <summary>Ends it at the next pause: no cipher is at work when the process ends.</summary>
    public void Dispose()
    {
        _end.Cancel();
        if (_thread?.Join(LongestRound) != false) _end.Dispose();
    }

    private void Run()
    {
        long begun = time.GetTimestamp();
        try
        {
            int rounds = RunRounds(begun, _end.Token);
            logger.WarmedUp(rounds, (long)time.GetElapsedTime(begun).TotalMilliseconds);
        }
        catch (Exception error)                            // nobody waits for it: the process would end
        {
            logger.WarmUpFailed(error);
        }
        finally
        {
            _isAwaited = false;
        }
    }

    private int RunRounds(long begun, CancellationToken stopping)
    {
        DtlsCertificate certificate = ServerCertificate.Create(time.GetUtcNow());
        using var newer = new WarmUpCall(certificate, SrtpProfile.AeadAes128Gcm, MediaCodec.Vp8);
        using var older = new WarmUpCall(certificate, SrtpProfile.Aes128CmHmacSha1Tag80, MediaCodec.H264);
        for (int round = 1; ; round++)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            newer.Run(Media, Quiet);
            older.Run(Media, Quiet);
            if (stopping.WaitHandle.WaitOne(Pause)) return round;
            _isAwaited = time.GetElapsedTime(begun) < Limit;                     // the rest comes while the node takes calls
            if (round == MaxRounds) return round;
            if (round >= MinRounds && JitInfo.GetCompiledMethodCount() - compiled < Settled) return round;
        }
    }
}
