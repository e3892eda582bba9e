using System.Buffers.Binary;
using System.Text;
using Sfu.Media.Ice;

namespace Sfu.Media.Tests.Ice;

/// <summary>Makes the STUN messages of a client.</summary>
internal static class Check
{
    public static readonly IceCredentials Server = new("srvU", "server-password-000000");
    public static readonly IceCredentials Client = new("cliU", "client-password-000000");

    private static long _transactions;

    /// <summary>A check as browsers send it.</summary>
    public static byte[] Request(
        bool nominate = false, IceCredentials? server = null, IceCredentials? client = null, ushort role = StunAttribute.IceControlling,
        ulong? transaction = null, ushort extra = 0, uint priority = 1_853_824_767)
    {
        (server, client) = (server ?? Server, client ?? Client);
        byte[] buffer = new byte[400];
        var writer = new StunWriter(buffer, StunType.BindingRequest, Transaction(transaction));
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes($"{server.Ufrag}:{client.Ufrag}"));
        if (role != 0) writer.AddUInt64(role, 1);
        writer.AddUInt32(StunAttribute.Priority, priority);
        if (nominate) writer.Add(StunAttribute.UseCandidate, default);
        if (extra != 0) writer.AddUInt32(extra, 1);
        return buffer[..writer.Finish(Encoding.UTF8.GetBytes(server.Password))];
    }

    /// <summary>A message with nothing in it but FINGERPRINT, and integrity when there is a password.</summary>
    public static byte[] Bare(StunType type, string password = "")
    {
        byte[] buffer = new byte[100];
        var writer = new StunWriter(buffer, type, Transaction(null));
        return buffer[..writer.Finish(Encoding.UTF8.GetBytes(password))];
    }

    private static byte[] Transaction(ulong? number)
    {
        byte[] id = new byte[12];
        BinaryPrimitives.WriteUInt64BigEndian(id.AsSpan(4), number ?? 1000 + (ulong)Interlocked.Increment(ref _transactions));
        return id;
    }
}
