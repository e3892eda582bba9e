using System.Diagnostics.CodeAnalysis;

namespace Sfu.Rooms;

/// <summary>Names one room of one tenant; its text form <c>tenant/room</c> is the key of the <see cref="IRoomGrain"/>.</summary>
/// <param name="Tenant">1 to 64 of <c>A-Za-z0-9._-</c>; comes from the API key, never from the client.</param>
/// <param name="Room">The room's name: 1 to 128 of <c>A-Za-z0-9._-</c>.</param>
[GenerateSerializer, Immutable]
public readonly record struct RoomKey(string Tenant, string Room)
{
    /// <summary>Longest room name, in characters.</summary>
    public const int MaxRoomLength = 128;

    /// <summary>Longest tenant name, in characters.</summary>
    public const int MaxTenantLength = 64;

    /// <summary>Makes a key when both names are valid.</summary>
    public static bool TryCreate(string? tenant, string? room, out RoomKey key)
    {
        bool valid = Names.IsValid(tenant, MaxTenantLength) && Names.IsValid(room, MaxRoomLength);
        key = valid ? new RoomKey(tenant!, room!) : default;
        return valid;
    }

    /// <summary>Reads the text form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RoomKey key)
    {
        int slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        key = default;
        return slash > 0 && TryCreate(text![..slash], text[(slash + 1)..], out key);
    }

    /// <summary>The grain key.</summary>
    public override string ToString() => $"{Tenant}/{Room}";
}
