using System.Globalization;
using System.Text;
using Sfu.Media.Time;

namespace Sfu.Simulation;

/// <summary>What happened in a run, in order, as far as it means something: two runs of one seed give the same digest.</summary>
/// <remarks>Bytes and lengths are left out: OpenSSL draws keys and signatures itself, so DTLS and SRTP bytes differ from run to run.</remarks>
internal sealed class SemanticLog
{
    private const int Kept = 400;
    private const ulong FnvOffset = 14_695_981_039_346_656_037;
    private const ulong FnvPrime = 1_099_511_628_211;

    private readonly Queue<string> _last = new(Kept);

    /// <summary>FNV-1a over every line so far.</summary>
    internal ulong Digest { get; private set; } = FnvOffset;

    /// <summary>Lines so far.</summary>
    internal long Count { get; private set; }

    /// <summary>The last lines, for a failure's message.</summary>
    internal string Tail => string.Join('\n', _last.TakeLast(40));

    /// <summary>The last 400 lines, to find where two runs part.</summary>
    internal IReadOnlyCollection<string> Last => _last;

    /// <summary>Notes an event.</summary>
    internal void Add(MediaTime now, string what)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{now.Nanoseconds} {what}");
        foreach (byte value in Encoding.UTF8.GetBytes(line)) Digest = (Digest ^ value) * FnvPrime;
        Digest = (Digest ^ '\n') * FnvPrime;
        Count++;
        if (_last.Count == Kept) _last.Dequeue();
        _last.Enqueue(line);
    }
}
