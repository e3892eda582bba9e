using Microsoft.Data.Sqlite;

namespace Sfu.Rooms.Storage;

/// <summary>Loads a room in the order of the writes.</summary>
internal sealed class LoadJob(RoomKey room) : WriteJob<StoredRoom>
{
    /// <inheritdoc/>
    /// <remarks>Nobody else writes, so its two queries see one state; and it works while the disk refuses writes.</remarks>
    public override bool IsAlone => true;

    /// <inheritdoc/>
    protected override StoredRoom Execute(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT epoch, seq, snapshot, snapshot_seq FROM room WHERE tenant = $tenant AND name = $name;";
        command.Parameters.AddWithValue("$tenant", room.Tenant);
        command.Parameters.AddWithValue("$name", room.Room);
        using SqliteDataReader reader = command.ExecuteReader();
        if (!reader.Read()) return new StoredRoom(0, 0, null, []);
        string? snapshot = reader.IsDBNull(2) ? null : reader.GetString(2);
        return new StoredRoom(
            reader.GetInt64(0), reader.GetInt64(1), snapshot, RoomQueries.Events(connection, room, reader.GetInt64(3), int.MaxValue));
    }
}

/// <summary>Appends behind the fence.</summary>
internal sealed class AppendJob(RoomAppend append) : WriteJob<bool>
{
    private const string Insert = """
        INSERT INTO room (tenant, name, epoch, seq, open, info, snapshot, snapshot_seq)
        VALUES ($tenant, $name, $epoch, $seq, $open, $info, $snapshot, $snapshotSeq)
        ON CONFLICT (tenant, name) DO NOTHING RETURNING id;
        """;

    private const string Update = """
        UPDATE room SET epoch = $epoch, seq = $seq, open = $open, info = $info,
          snapshot = coalesce($snapshot, snapshot), snapshot_seq = CASE WHEN $snapshot IS NULL THEN snapshot_seq ELSE $snapshotSeq END
        WHERE tenant = $tenant AND name = $name AND epoch = $expectedEpoch AND seq = $expectedSeq RETURNING id;
        """;

    private const string InsertEvent =
        "INSERT INTO room_event (room, seq, at, audience, event) VALUES ($room, $seq, $at, $audience, $event);";

    // Made by the caller's thread: the writer's time is every room's time.
    private readonly string?[] _texts = [append.Info is null ? null : RoomJson.Write(append.Info), .. append.Events.Select(e => RoomJson.Write(e.Event))];

    /// <inheritdoc/>
    protected override bool Execute(SqliteConnection connection)
    {
        if (MoveFence(connection) is not { } room) return false;
        if (append.Events.Count > 0) AddEvents(connection, room);
        return true;
    }

    private long? MoveFence(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = append.ExpectedEpoch == 0 ? Insert : Update;
        long seq = append.ExpectedSeq + append.Events.Count;
        command.Parameters.AddWithValue("$tenant", append.Room.Tenant);
        command.Parameters.AddWithValue("$name", append.Room.Room);
        command.Parameters.AddWithValue("$epoch", append.Epoch);
        command.Parameters.AddWithValue("$seq", seq);
        command.Parameters.AddWithValue("$open", append.Info is null ? 0 : 1);
        command.Parameters.AddWithValue("$info", (object?)_texts[0] ?? DBNull.Value);
        command.Parameters.AddWithValue("$snapshot", (object?)append.Snapshot ?? DBNull.Value);
        command.Parameters.AddWithValue("$snapshotSeq", append.Snapshot is null ? 0 : seq);
        if (append.ExpectedEpoch != 0)
        {
            command.Parameters.AddWithValue("$expectedEpoch", append.ExpectedEpoch);
            command.Parameters.AddWithValue("$expectedSeq", append.ExpectedSeq);
        }

        return (long?)command.ExecuteScalar();
    }

    private void AddEvents(SqliteConnection connection, long room)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = InsertEvent;
        command.Parameters.AddWithValue("$room", room);
        SqliteParameter seq = command.Parameters.Add("$seq", SqliteType.Integer);
        SqliteParameter at = command.Parameters.Add("$at", SqliteType.Integer);
        SqliteParameter audience = command.Parameters.Add("$audience", SqliteType.Text);
        SqliteParameter text = command.Parameters.Add("$event", SqliteType.Text);
        for (int i = 0; i < append.Events.Count; i++)
        {
            LoggedEvent entry = append.Events[i];
            seq.Value = entry.Seq;
            at.Value = entry.At.ToUnixTimeMilliseconds();
            audience.Value = RoomJson.Name(entry.Audience);
            text.Value = _texts[i + 1];
            command.ExecuteNonQuery();
        }
    }
}

/// <summary>Result of one step of pruning.</summary>
/// <param name="Removed">Events removed.</param>
/// <param name="NextRoom">Where the next step begins; null at the end.</param>
internal sealed record PrunePage(int Removed, long? NextRoom);

/// <summary>Removes old events of a few rooms; short, because joins wait behind it.</summary>
internal sealed class PruneJob(long room, long before) : WriteJob<PrunePage>
{
    private const int Rooms = 64;
    private const int Events = 1000;

    // The oldest event says whether there is anything to do; events are in the order of time but for clock jumps.
    private const string Next = """
        SELECT id, (SELECT at FROM room_event WHERE room_event.room = room.id ORDER BY seq LIMIT 1) FROM room
        WHERE id >= $room ORDER BY id LIMIT $rooms;
        """;

    private const string Delete = """
        DELETE FROM room_event WHERE room = $room AND seq IN (
          SELECT seq FROM room_event WHERE room = $room
            AND seq <= (SELECT snapshot_seq FROM room WHERE id = $room) ORDER BY seq LIMIT $events)
        AND at < $before;
        """;

    /// <inheritdoc/>
    protected override PrunePage Execute(SqliteConnection connection)
    {
        long last = 0;
        int seen = 0;
        foreach ((long id, long? oldest) in Page(connection))
        {
            (last, seen) = (id, seen + 1);
            if (oldest is null || oldest >= before) continue;
            int removed = Remove(connection, id);
            if (removed > 0) return new PrunePage(removed, id);
        }

        return new PrunePage(0, seen < Rooms ? null : last + 1);
    }

    private List<(long Id, long? Oldest)> Page(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = Next;
        command.Parameters.AddWithValue("$room", room);
        command.Parameters.AddWithValue("$rooms", Rooms);
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<(long, long?)>();
        while (reader.Read()) rows.Add((reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1)));
        return rows;
    }

    private int Remove(SqliteConnection connection, long id)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = Delete;
        command.Parameters.AddWithValue("$room", id);
        command.Parameters.AddWithValue("$events", Events);
        command.Parameters.AddWithValue("$before", before);
        return command.ExecuteNonQuery();
    }
}

/// <summary>Runs anything; for tests.</summary>
internal sealed class ActionJob(Action<SqliteConnection> action) : WriteJob<bool>
{
    /// <inheritdoc/>
    public override bool IsAlone => true;

    /// <inheritdoc/>
    protected override bool Execute(SqliteConnection connection)
    {
        action(connection);
        return true;
    }
}
