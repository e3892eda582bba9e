using System.Text;
using Sfu.Media.Time;

namespace Sfu.Media.Ice;

/// <summary>What a STUN datagram did.</summary>
public enum IceOutcome
{
    /// <summary>Nothing; <see cref="IceLiteAgent.LastDrop"/> says why.</summary>
    Dropped,

    /// <summary>Taken; there may be an answer to send.</summary>
    Responded,

    /// <summary>A check that came before, from a source that is known: to be answered again, and it proves nothing.</summary>
    Repeated,

    /// <summary>The source passed its first check: packets from it are taken from now on.</summary>
    NewAddressValidated,

    /// <summary>The client nominated this source: media goes there from now on.</summary>
    SelectedChanged,
}

/// <summary>The responder side of ICE for one transport: ICE-lite, always controlled (RFC 8445 sections 2.5, 7.3).</summary>
/// <remarks>Owned by one media worker; told the time, does no I/O. The outgoing address changes by an authenticated nomination only.
/// At most <see cref="MaxAddresses"/> sources are remembered; the one heard least recently makes room, never the selected one.
/// <para>Of several nominated sources the one with the best priority is selected, for a client with aggressive nomination (Firefox) nominates
/// them all and uses the best (RFC 5245 section 8.1.1.2; the order in which the checks arrive says nothing). A worse one is selected by a
/// check of its own when the client shows that it uses that one: its packets come from there and no more from the selected one, or nothing
/// at all comes from the selected one.</para></remarks>
public sealed class IceLiteAgent
{
    /// <summary>Validated addresses one transport may have.</summary>
    public const int MaxAddresses = 8;

    private const int MaxUnknownNamed = 4;

    // A client sends sound or reports several times a second on the pair it uses, and checks of it at least every five seconds.
    private static readonly TimeSpan TrafficMoved = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SelectedSilent = TimeSpan.FromSeconds(3);

    private readonly TransportAddress[] _addresses = new TransportAddress[MaxAddresses];
    private readonly MediaTime[] _heardAt = new MediaTime[MaxAddresses];
    private readonly MediaTime[] _trafficAt = new MediaTime[MaxAddresses];
    private readonly uint[] _nominatedWith = new uint[MaxAddresses];  // priority of the nominating check
    private readonly bool[] _isNominated = new bool[MaxAddresses];
    private readonly SeenChecks _checks = new();
    private int _count;
    private Secrets _current;
    private Secrets? _previous;

    /// <summary>Makes the agent of a transport.</summary>
    public IceLiteAgent(IceCredentials local, IceCredentials remote) => _current = new Secrets(local, remote);

    /// <summary>Why the last datagram was dropped.</summary>
    public DropReason LastDrop { get; private set; }

    /// <summary>Where media goes; null before the first nomination.</summary>
    public TransportAddress? Selected { get; private set; }

    /// <summary>When the last authenticated check came.</summary>
    public MediaTime LastStunAt { get; private set; }

    /// <summary>ICE restart (RFC 8445 section 9): the old credentials stay valid until a check on the new ones nominates.</summary>
    public void Restart(IceCredentials local, IceCredentials remote)
    {
        _previous = _current;
        _current = new Secrets(local, remote);
    }

    /// <summary>The credentials from before a restart are still taken.</summary>
    public bool IsRestarting => _previous is not null;

    /// <summary>True for a source that passed a check.</summary>
    public bool IsValidated(TransportAddress address) => IndexOf(address) >= 0;

    /// <summary>Takes one STUN datagram and writes the answer, if there is one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="from">Its source.</param>
    /// <param name="datagram">The datagram; hostile until its integrity was verified.</param>
    /// <param name="response">At least 128 bytes.</param>
    /// <param name="responseLength">Length of the answer, 0 for none.</param>
    public IceOutcome OnStun(MediaTime now, TransportAddress from, ReadOnlySpan<byte> datagram, Span<byte> response, out int responseLength)
    {
        responseLength = 0;
        LastDrop = StunMessage.TryParse(datagram, out StunMessage message);
        if (LastDrop != DropReason.None) return IceOutcome.Dropped;
        if (message.Type == StunType.BindingIndication) return OnIndication(now, from);
        if (message.Type != StunType.BindingRequest) return Drop(DropReason.StunUnexpected);
        if (!message.TryGetUsername(out ReadOnlySpan<byte> name)) return Drop(DropReason.StunAuthentication);
        bool isCurrent = name.SequenceEqual(_current.Username);
        Secrets? secrets = isCurrent ? _current : _previous is not null && name.SequenceEqual(_previous.Username) ? _previous : null;
        if (secrets is null) return Drop(DropReason.UnknownUfrag);
        if (!message.HasIntegrity(secrets.LocalPassword)) return Drop(DropReason.StunAuthentication);
        // A captured check that comes again must neither move the media nor count as a sign of life, wherever it claims to come from.
        bool isRepeated = !_checks.TryAdd(message.TransactionId);
        if (isRepeated && !IsValidated(from)) return Drop(DropReason.Replay);

        responseLength = WriteRefusal(message, response, secrets.LocalPassword);
        bool isRefused = responseLength > 0;
        if (!isRefused) responseLength = WriteSuccess(message, from, response, secrets.LocalPassword);
        if (isRepeated) return IceOutcome.Repeated;
        LastStunAt = now;
        if (isRefused) return IceOutcome.Responded;

        bool isNew = Remember(now, from, out int index);
        bool restarts = message.HasUseCandidate && isCurrent && _previous is not null;
        if (restarts)
        {
            _previous = null;
            Array.Clear(_isNominated);                     // what was nominated with the old credentials is void
        }

        if (message.HasUseCandidate) (_isNominated[index], _nominatedWith[index]) = (true, message.Priority);
        if (Selected != from && _isNominated[index] && (restarts || IsPreferred(now, index, message.HasUseCandidate)))
        {
            Selected = from;
            return IceOutcome.SelectedChanged;
        }

        return isNew ? IceOutcome.NewAddressValidated : IceOutcome.Responded;
    }

    /// <summary>Notes an authenticated packet that is no check. It selects nothing by itself; the next check of its source may.</summary>
    public void OnTraffic(MediaTime now, in TransportAddress from)
    {
        int index = IndexOf(from);
        if (index >= 0) _trafficAt[index] = _heardAt[index] = now;
    }

    private bool IsPreferred(MediaTime now, int index, bool isNominating)
    {
        int selected = Selected is { } address ? IndexOf(address) : -1;
        if (selected < 0 || !_isNominated[selected]) return true;
        if (isNominating && _nominatedWith[index] >= _nominatedWith[selected]) return true;
        return _trafficAt[index] - _trafficAt[selected] >= TrafficMoved || now - _heardAt[selected] >= SelectedSilent;
    }

    private static int WriteSuccess(scoped in StunMessage message, TransportAddress from, Span<byte> response, ReadOnlySpan<byte> password)
    {
        var writer = new StunWriter(response, StunType.BindingResponse, message.TransactionId);
        writer.AddXorMappedAddress(from);
        return writer.Finish(password);
    }

    /// <returns>Length of an error answer, 0 when the check is to be granted.</returns>
    private static int WriteRefusal(scoped in StunMessage message, Span<byte> response, ReadOnlySpan<byte> password)
    {
        Span<byte> unknown = stackalloc byte[2 * MaxUnknownNamed];
        int unknownLength = message.CopyUnknownRequired(unknown);
        if (unknownLength == 0 && !message.IsFromControlled) return 0;
        var writer = new StunWriter(response, StunType.BindingError, message.TransactionId);
        // We are lite and controlled: the other side must take the controlling role (RFC 8445 section 7.3.1.1).
        writer.AddError(unknownLength > 0 ? 420 : 487);
        if (unknownLength > 0) writer.Add(StunAttribute.UnknownAttributes, unknown[..unknownLength]);
        return writer.Finish(password);
    }

    private IceOutcome OnIndication(MediaTime now, TransportAddress from)
    {
        int index = IndexOf(from);
        if (index < 0) return Drop(DropReason.UnknownSource);
        _heardAt[index] = now;
        return IceOutcome.Responded;
    }

    private IceOutcome Drop(DropReason reason)
    {
        LastDrop = reason;
        return IceOutcome.Dropped;
    }

    private int IndexOf(TransportAddress address)
    {
        for (int i = 0; i < _count; i++)
            if (_addresses[i] == address) return i;
        return -1;
    }

    private bool Remember(MediaTime now, TransportAddress from, out int index)
    {
        index = IndexOf(from);
        bool isNew = index < 0;
        if (isNew)
        {
            index = _count < MaxAddresses ? _count++ : Oldest();
            _addresses[index] = from;
            _isNominated[index] = false;
            _trafficAt[index] = MediaTime.Zero;
        }
        _heardAt[index] = now;
        return isNew;
    }

    private int Oldest()
    {
        int oldest = -1;
        for (int i = 0; i < _count; i++)
            if (_addresses[i] != Selected && (oldest < 0 || _heardAt[i] < _heardAt[oldest])) oldest = i;
        return oldest;
    }

    /// <summary>Credentials as the bytes that checks carry.</summary>
    private sealed class Secrets(IceCredentials local, IceCredentials remote)
    {
        public byte[] Username { get; } = Encoding.UTF8.GetBytes($"{local.Ufrag}:{remote.Ufrag}");

        public byte[] LocalPassword { get; } = Encoding.UTF8.GetBytes(local.Password);
    }
}
