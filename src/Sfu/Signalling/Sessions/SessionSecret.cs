using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>Resume secrets: 32 random bytes and, for a server that was started again and knows no session, the room to ask.</summary>
/// <remarks>The room's part is not trusted: the room compares the hash of the whole text with the one it keeps.</remarks>
internal static class SessionSecret
{
    private const int RandomBytes = 32;

    /// <summary>A new secret of a session in this room.</summary>
    public static string Create(RoomKey room) =>
        $"{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(room.ToString()))}";

    /// <summary>What the room keeps of it: base64 of its SHA-256.</summary>
    public static string Hash(string secret) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The room a client's secret says it is of.</summary>
    /// <param name="secret">Hostile text.</param>
    /// <param name="room">The room when the result is true.</param>
    public static bool TryReadRoom(string secret, out RoomKey room)
    {
        room = default;
        int dot = secret.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) return false;
        ReadOnlySpan<char> encoded = secret.AsSpan(dot + 1);
        Span<byte> bytes = stackalloc byte[RoomKey.MaxTenantLength + 1 + RoomKey.MaxRoomLength];
        return encoded.Length <= Base64Url.GetEncodedLength(bytes.Length) && Base64Url.IsValid(encoded)
            && Base64Url.TryDecodeFromChars(encoded, bytes, out int length)
            && RoomKey.TryParse(Encoding.UTF8.GetString(bytes[..length]), out room);
    }
}
