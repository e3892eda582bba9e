using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Observability;

namespace Sfu.Signalling.Sockets;

/// <summary>What one IP address may hold and try: sockets, those that have not joined, new ones per second, bad tokens per minute.</summary>
/// <remarks>Safe on any thread. An IPv6 client owns a /64, so that counts as one address. Addresses that hold nothing are forgotten after a
/// while; when more than <see cref="MaxAddresses"/> are known, further ones share one entry.</remarks>
internal sealed class AddressLimits(IOptions<SignallingOptions> options, TimeProvider time, RoomMetrics metrics)
{
    /// <summary>Most addresses that are told apart.</summary>
    public const int MaxAddresses = 50_000;

    private static readonly TimeSpan FailureWindow = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(2);

    private readonly Dictionary<UInt128, Entry> _entries = [];
    private readonly Lock _gate = new();
    private long _sweptAt = time.GetTimestamp();

    /// <summary>A socket of this address begins.</summary>
    /// <param name="address">The client's, after trusted proxies.</param>
    /// <returns>To be disposed when it is gone; null when there are too many.</returns>
    public SocketLease? TryEnter(IPAddress? address)
    {
        SignallingOptions limits = options.Value;
        lock (_gate)
        {
            Entry entry = Find(address);
            if (entry.Sockets < limits.SocketsPerAddress && entry.Unjoined < limits.UnjoinedPerAddress && entry.NewSockets.TryTake(out _))
            {
                entry.Sockets++;
                entry.Unjoined++;
                return new SocketLease(this, entry);
            }
        }

        metrics.LimitHit(LimitKind.Sockets);
        return null;
    }

    /// <summary>Whether tokens of this address are looked at now.</summary>
    /// <param name="address">The client's, after trusted proxies.</param>
    /// <param name="wait">How long they are not, when the result is false.</param>
    public bool MayTry(IPAddress? address, out TimeSpan wait)
    {
        lock (_gate)
        {
            wait = Find(address).BlockedUntil - Now;
            if (wait <= TimeSpan.Zero) return true;
        }

        metrics.LimitHit(LimitKind.FailedTokens);
        return false;
    }

    /// <summary>A token of this address was not good.</summary>
    public void Failed(IPAddress? address)
    {
        lock (_gate)
        {
            Entry entry = Find(address);
            if (Now - entry.FailuresSince > FailureWindow) (entry.Failures, entry.FailuresSince) = (0, Now);
            if (++entry.Failures < options.Value.FailuresPerAddress) return;
            entry.BlockedUntil = Now + FailureWindow;
            entry.Failures = 0;
        }
    }

    private TimeSpan Now => time.GetElapsedTime(0, time.GetTimestamp());

    private Entry Find(IPAddress? address)
    {
        Sweep();
        UInt128 key = KeyOf(address);
        if (_entries.TryGetValue(key, out Entry? entry)) return entry;
        if (_entries.Count >= MaxAddresses) key = UInt128.MaxValue;
        if (!_entries.TryGetValue(key, out entry))
        {
            int perSecond = options.Value.NewSocketsPerAddress;
            _entries[key] = entry = new Entry(new MessageBucket(perSecond, perSecond, time)) { FailuresSince = Now };
        }

        entry.UsedAt = Now;
        return entry;
    }

    private void Sweep()
    {
        if (time.GetElapsedTime(_sweptAt) < ForgetAfter) return;
        _sweptAt = time.GetTimestamp();
        foreach ((UInt128 key, Entry entry) in _entries)
        {
            if (entry.Sockets == 0 && Now - entry.UsedAt >= ForgetAfter) _entries.Remove(key);
        }
    }

    private static UInt128 KeyOf(IPAddress? address)
    {
        if (address is null) return UInt128.Zero;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        UInt128 key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        // The low half of an IPv6 key is empty; that of an IPv4 key holds the length, so that the two never meet.
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? key & ~(UInt128)ulong.MaxValue : key | (uint)length;
    }

    /// <summary>One socket's place.</summary>
    internal sealed class SocketLease(AddressLimits owner, Entry entry) : IDisposable
    {
        private bool _isJoined;
        private bool _isGone;

        /// <summary>The socket joined.</summary>
        public void MarkJoined()
        {
            lock (owner._gate)
            {
                if (!_isJoined && !_isGone) entry.Unjoined--;
                _isJoined = true;
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (owner._gate)
            {
                if (_isGone) return;
                _isGone = true;
                entry.Sockets--;
                if (!_isJoined) entry.Unjoined--;
            }
        }
    }

    /// <summary>What is known of one address.</summary>
    internal sealed class Entry(MessageBucket newSockets)
    {
        public MessageBucket NewSockets { get; } = newSockets;

        public int Sockets { get; set; }

        public int Unjoined { get; set; }

        public int Failures { get; set; }

        public TimeSpan FailuresSince { get; set; }

        public TimeSpan BlockedUntil { get; set; }

        public TimeSpan UsedAt { get; set; }
    }
}
