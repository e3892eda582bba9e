using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Sfu.Signalling.Http;

/// <summary>The WHIP and WHEP sessions of this node, by the id in their address. Safe on any thread.</summary>
internal sealed class HttpSessionRegistry
{
    private readonly ConcurrentDictionary<string, HttpSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>The sessions there are now.</summary>
    public IEnumerable<HttpSession> Sessions => _sessions.Values;

    /// <summary>Makes a session reachable.</summary>
    public void Add(HttpSession session) => _sessions[session.UrlId] = session;

    /// <summary>Finds the session of an address; all of the address must be its own.</summary>
    public bool TryFind(HttpSignal signal, [NotNullWhen(true)] out HttpSession? session) =>
        _sessions.TryGetValue(signal.SessionId ?? "", out session) && session.Signal == signal with { SessionId = null };

    /// <summary>Takes a session out.</summary>
    /// <returns>False when it was out already.</returns>
    public bool Remove(HttpSession session) => _sessions.TryRemove(new(session.UrlId, session));
}
