using System.Text;
using Sfu.Media.Time;

namespace Sfu.Media.Ice;

/// <summary>The client side of ICE towards one lite server and one address: checks, nomination, consent (RFC 8445 section 6.1.4, RFC 7675).</summary>
/// <remarks>Drives simulations and load; told the time, does no I/O; transaction ids come from the caller's source of randomness.</remarks>
public sealed class IceControllingAgent
{
    private const int TransactionSize = 12;
    private const int Remembered = 32;                 // answers to checks of the last 1.6 s count: round trips are longer than the interval
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ConsentInterval = TimeSpan.FromSeconds(2.5);
    private readonly byte[] _username;
    private readonly byte[] _remotePassword;
    private readonly Action<Memory<byte>> _random;
    private readonly byte[] _transactions = new byte[Remembered * TransactionSize];
    private int _count;

    /// <summary>Makes an agent that checks at once.</summary>
    public IceControllingAgent(IceCredentials local, IceCredentials remote, Action<Memory<byte>> random)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(remote);
        _username = Encoding.UTF8.GetBytes($"{remote.Ufrag}:{local.Ufrag}");
        _remotePassword = Encoding.UTF8.GetBytes(remote.Password);
        _random = random;
    }

    /// <summary>True once a check with USE-CANDIDATE was answered.</summary>
    public bool Connected { get; private set; }

    /// <summary>When <see cref="OnDeadline"/> wants to be called.</summary>
    public MediaTime NextDeadline { get; private set; }

    /// <summary>Writes the next check; 0 when none is due.</summary>
    public int OnDeadline(MediaTime now, Span<byte> request)
    {
        if (now < NextDeadline) return 0;
        NextDeadline = now + (Connected ? ConsentInterval : CheckInterval);
        Memory<byte> transaction = _transactions.AsMemory(_count++ % Remembered * TransactionSize, TransactionSize);
        _random(transaction);
        var writer = new StunWriter(request, StunType.BindingRequest, transaction.Span);
        writer.Add(StunAttribute.Username, _username);
        writer.AddUInt64(StunAttribute.IceControlling, 1);
        writer.AddUInt32(StunAttribute.Priority, 1_853_824_767);
        writer.Add(StunAttribute.UseCandidate, default);
        return writer.Finish(_remotePassword);
    }

    /// <summary>Takes an answer.</summary>
    public DropReason OnStun(MediaTime now, ReadOnlySpan<byte> datagram)
    {
        DropReason reason = StunMessage.TryParse(datagram, out StunMessage message);
        if (reason != DropReason.None) return reason;
        if (message.Type != StunType.BindingResponse || !IsOurs(message.TransactionId)) return DropReason.StunUnexpected;
        if (!message.HasIntegrity(_remotePassword)) return DropReason.StunAuthentication;
        if (!Connected) NextDeadline = now + ConsentInterval;
        Connected = true;
        return DropReason.None;
    }

    private bool IsOurs(ReadOnlySpan<byte> transactionId)
    {
        for (int i = 0; i < Math.Min(_count, Remembered); i++)
            if (_transactions.AsSpan(i * TransactionSize, TransactionSize).SequenceEqual(transactionId)) return true;
        return false;
    }
}
