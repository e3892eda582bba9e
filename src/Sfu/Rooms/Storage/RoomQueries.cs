using Microsoft.Data.Sqlite;

namespace Sfu.Rooms.Storage;

/// <summary>What is read from the embedded store.</summary>
internal static class RoomQueries
{
    /// <summary>Events after a number, in order.</summary>
    public static IReadOnlyList<LoggedEvent> Events(SqliteConnection connection, RoomKey room, long after, int limit)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT e.seq, e.at, e.audience, e.event FROM room_event e JOIN room r ON r.id = e.room
            WHERE r.tenant = $tenant AND r.name = $name AND e.seq > $after ORDER BY e.seq LIMIT $limit;
            """;
        command.Parameters.AddWithValue("$tenant", room.Tenant);
        command.Parameters.AddWithValue("$name", room.Room);
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$limit", limit);
        return Rows(command, row => new LoggedEvent(
            row.GetInt64(0),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
            RoomJson.ReadAudience(row.GetString(2)),
            RoomJson.ReadEvent(row.GetString(3))));
    }

    /// <summary>Open rooms of a tenant by name.</summary>
    public static IReadOnlyList<RoomInfo> List(SqliteConnection connection, string tenant, string? after, int limit)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            "SELECT info FROM room WHERE open = 1 AND tenant = $tenant AND name > $after ORDER BY name LIMIT $limit;";
        command.Parameters.AddWithValue("$tenant", tenant);
        command.Parameters.AddWithValue("$after", after ?? "");
        command.Parameters.AddWithValue("$limit", limit);
        return Rows(command, row => RoomJson.ReadInfo(row.GetString(0)));
    }

    /// <summary>Keys of all open rooms.</summary>
    public static IReadOnlyList<RoomKey> ListOpen(SqliteConnection connection, RoomKey? after, int limit)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT tenant, name FROM room WHERE open = 1 AND (tenant, name) > ($tenant, $name) ORDER BY tenant, name LIMIT $limit;
            """;
        command.Parameters.AddWithValue("$tenant", after?.Tenant ?? "");
        command.Parameters.AddWithValue("$name", after?.Room ?? "");
        command.Parameters.AddWithValue("$limit", limit);
        return Rows(command, row => new RoomKey(row.GetString(0), row.GetString(1)));
    }

    /// <summary>Number of open rooms.</summary>
    public static int Count(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM room WHERE open = 1;";
        return (int)(long)command.ExecuteScalar()!;
    }

    private static T[] Rows<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return [.. rows];
    }
}
