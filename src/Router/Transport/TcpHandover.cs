using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sfu.Router.Workers;

namespace Sfu.Router.Transport;

/// <summary>Which worker of a node serves which ICE user name fragment: the first worker accepts every TCP connection and
/// passes it to the worker that its first STUN message names.</summary>
/// <remarks>Shared by the workers of one node; thread-safe. Changed by commands, read once per TCP connection.</remarks>
public sealed class TcpHandover
{
    private const int MaxUfrag = 256;                      // ice-ufrag, RFC 8839 section 5.4

    private readonly ConcurrentDictionary<string, MediaWorker> _workers = new(StringComparer.Ordinal);

    internal void Add(string ufrag, MediaWorker worker) => _workers[ufrag] = worker;

    internal void Remove(string ufrag, MediaWorker worker) => _workers.TryRemove(new KeyValuePair<string, MediaWorker>(ufrag, worker));

    internal bool TryFind(ReadOnlySpan<byte> ufrag, [NotNullWhen(true)] out MediaWorker? worker)
    {
        worker = null;
        if (ufrag.Length > MaxUfrag) return false;
        Span<char> text = stackalloc char[MaxUfrag];
        int length = Encoding.Latin1.GetChars(ufrag, text);
        return _workers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out worker);
    }
}
