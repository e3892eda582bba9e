using System.Text;
using Microsoft.Data.Sqlite;
using Sfu.Rooms;

namespace Sfu.Recordings.Storage;

/// <summary>What is read from the embedded store of recordings.</summary>
internal static class RecordingQueries
{
    /// <summary>Sets the parameters of a room.</summary>
    public static void AddRoom(SqliteCommand command, RoomKey room)
    {
        command.Parameters.AddWithValue("$tenant", room.Tenant);
        command.Parameters.AddWithValue("$room", room.Room);
    }

    /// <summary>The values of a query whose one column is JSON.</summary>
    public static IReadOnlyList<T> Rows<T>(SqliteCommand command) => Rows(command, row => RecordingJson.Read<T>(row.GetString(0)));

    /// <summary>One recording.</summary>
    public static RecordingState? Find(SqliteConnection connection, Guid recording) =>
        One<RecordingState>(connection, "SELECT state FROM recording WHERE id = $id;", recording);

    /// <summary>Recordings, newest first.</summary>
    public static IReadOnlyList<RecordingState> List(SqliteConnection connection, RecordingQuery query)
    {
        using SqliteCommand command = connection.CreateCommand();
        var sql = new StringBuilder("SELECT r.state FROM recording r");
        if (query.Identity is not null)
        {
            // Once per recording, however often the identity joined.
            sql.Append(" JOIN (SELECT DISTINCT recording FROM recording_participant WHERE tenant = $tenant AND identity = $identity) p ON p.recording = r.id");
            command.Parameters.AddWithValue("$identity", query.Identity);
        }

        sql.Append(" WHERE r.tenant = $tenant");
        Limit(command, sql, query, "r.id", "r.room", "coalesce(r.ended_at, 9223372036854775807)", "r.requested_at");
        command.CommandText = sql.ToString();
        return Rows<RecordingState>(command);
    }

    /// <summary>What could not be recorded, newest first.</summary>
    public static IReadOnlyList<Impossibility> Impossibilities(SqliteConnection connection, RecordingQuery query)
    {
        using SqliteCommand command = connection.CreateCommand();
        var sql = new StringBuilder("SELECT body FROM impossibility WHERE tenant = $tenant");
        Limit(command, sql, query, "id", "room", "till", "since");
        command.CommandText = sql.ToString();
        return Rows<Impossibility>(command);
    }

    /// <summary>Who was in a recording.</summary>
    public static IReadOnlyList<RecordingParticipant> Participants(SqliteConnection connection, Guid recording)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT participant, identity, name, joined_at, left_at, state FROM recording_participant WHERE recording = $id
            ORDER BY joined_at, participant;
            """;
        command.Parameters.AddWithValue("$id", RecordingJson.Id(recording));
        return Rows(command, row => new RecordingParticipant(
            new ParticipantId(row.GetString(0)), row.GetString(1), row.GetString(2), Time(row.GetInt64(3)),
            row.IsDBNull(4) ? null : Time(row.GetInt64(4)), RecordingJson.Read<ParticipantRecordingState>($"\"{row.GetString(5)}\"")));
    }

    /// <summary>What happened in a recording.</summary>
    public static IReadOnlyList<TimelineEntry> Timeline(SqliteConnection connection, Guid recording, long after, int limit)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT id, at, event FROM recording_timeline WHERE recording = $id AND id > $after ORDER BY id LIMIT $limit;";
        command.Parameters.AddWithValue("$id", RecordingJson.Id(recording));
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$limit", limit);
        return Rows(command, row => new TimelineEntry(row.GetInt64(0), Time(row.GetInt64(1)), row.GetString(2)));
    }

    /// <summary>Rooms with recordings that are not over.</summary>
    public static IReadOnlyList<RoomKey> ListOpen(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT tenant, room FROM recording WHERE open = 1;";
        return Rows(command, row => new RoomKey(row.GetString(0), row.GetString(1)));
    }

    /// <summary>One derivation.</summary>
    public static Derivation? FindDerivation(SqliteConnection connection, Guid derivation) =>
        One<Derivation>(connection, "SELECT body FROM derivation WHERE id = $id;", derivation);

    /// <summary>Derivations that wait or were running.</summary>
    public static IReadOnlyList<Derivation> UnfinishedDerivations(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT body FROM derivation WHERE unfinished = 1 ORDER BY id;";
        return Rows<Derivation>(command);
    }

    private static void Limit(SqliteCommand command, StringBuilder sql, RecordingQuery query, string id, string room, string end, string begin)
    {
        command.Parameters.AddWithValue("$tenant", query.Tenant);
        Add(query.Room is not null, $" AND {room} = $room", "$room", query.Room);
        Add(query.From is not null, $" AND {end} >= $from", "$from", query.From?.ToUnixTimeMilliseconds());
        Add(query.To is not null, $" AND {begin} < $to", "$to", query.To?.ToUnixTimeMilliseconds());
        Add(query.Before is not null, $" AND {id} < $before", "$before", query.Before is { } before ? RecordingJson.Id(before) : null);
        sql.Append(System.Globalization.CultureInfo.InvariantCulture, $" ORDER BY {id} DESC LIMIT $limit;");
        command.Parameters.AddWithValue("$limit", query.Limit);

        void Add(bool holds, string condition, string name, object? value)
        {
            if (!holds) return;
            sql.Append(condition);
            command.Parameters.AddWithValue(name, value);
        }
    }

    private static T? One<T>(SqliteConnection connection, string sql, Guid id)
        where T : class
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$id", RecordingJson.Id(id));
        return command.ExecuteScalar() is string text ? RecordingJson.Read<T>(text) : null;
    }

    private static List<T> Rows<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
