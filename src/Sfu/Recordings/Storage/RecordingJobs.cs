using Microsoft.Data.Sqlite;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings.Storage;

/// <summary>Loads a room's recordings in the order of the writes.</summary>
internal sealed class LoadRecordingsJob(RoomKey room) : WriteJob<StoredRecordings>
{
    /// <inheritdoc/>
    public override bool IsAlone => true;

    /// <inheritdoc/>
    protected override StoredRecordings Execute(SqliteConnection connection)
    {
        using SqliteCommand owner = connection.CreateCommand();
        owner.CommandText = "SELECT epoch, version FROM recording_owner WHERE tenant = $tenant AND room = $room;";
        RecordingQueries.AddRoom(owner, room);
        using SqliteDataReader row = owner.ExecuteReader();
        if (!row.Read()) return new StoredRecordings(0, 0, [], null);

        using SqliteCommand open = connection.CreateCommand();
        open.CommandText = "SELECT state FROM recording WHERE tenant = $tenant AND room = $room AND open = 1 ORDER BY id;";
        RecordingQueries.AddRoom(open, room);
        using SqliteCommand refusal = connection.CreateCommand();
        refusal.CommandText =
            "SELECT body FROM impossibility WHERE tenant = $tenant AND room = $room AND kind = 'join_refused' ORDER BY id DESC LIMIT 1;";
        RecordingQueries.AddRoom(refusal, room);
        return new StoredRecordings(
            row.GetInt64(0), row.GetInt64(1), RecordingQueries.Rows<RecordingState>(open),
            refusal.ExecuteScalar() is string text ? RecordingJson.Read<Impossibility>(text) : null);
    }
}

/// <summary>Writes behind the fence.</summary>
internal sealed class AppendRecordingJob(RecordingAppend append) : WriteJob<bool>
{
    private const string Insert = """
        INSERT INTO recording_owner (tenant, room, epoch, version) VALUES ($tenant, $room, $epoch, $version)
        ON CONFLICT (tenant, room) DO NOTHING RETURNING id;
        """;

    private const string Update = """
        UPDATE recording_owner SET epoch = $epoch, version = $version
        WHERE tenant = $tenant AND room = $room AND epoch = $expectedEpoch AND version = $expectedVersion RETURNING id;
        """;

    // Made by the caller's thread: the writer's time is everybody's.
    private readonly string? _state = append.State is null ? null : RecordingJson.Write(append.State);
    private readonly string? _impossibility = append.Impossibility is null ? null : RecordingJson.Write(append.Impossibility);

    /// <inheritdoc/>
    protected override bool Execute(SqliteConnection connection)
    {
        if (!MoveFence(connection)) return false;
        if (append.State is { } state) Put(connection, state);
        foreach (RecordingParticipant participant in append.Participants) Put(connection, append.State!.Id, participant);
        foreach (TimelineEntry entry in append.Timeline) Put(connection, append.State!.Id, entry);
        if (append.Impossibility is { } impossibility) Put(connection, impossibility);
        return true;
    }

    private bool MoveFence(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = append.ExpectedEpoch == 0 ? Insert : Update;
        RecordingQueries.AddRoom(command, append.Room);
        command.Parameters.AddWithValue("$epoch", append.Epoch);
        command.Parameters.AddWithValue("$version", append.Version);
        if (append.ExpectedEpoch != 0)
        {
            command.Parameters.AddWithValue("$expectedEpoch", append.ExpectedEpoch);
            command.Parameters.AddWithValue("$expectedVersion", append.ExpectedVersion);
        }

        return command.ExecuteScalar() is not null;
    }

    private void Put(SqliteConnection connection, RecordingState state)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO recording (id, tenant, room, requested_at, ended_at, open, state)
            VALUES ($id, $tenant, $room, $requested, $ended, $open, $state)
            ON CONFLICT (id) DO UPDATE SET ended_at = $ended, open = $open, state = $state;
            """;
        RecordingQueries.AddRoom(command, state.Room);
        command.Parameters.AddWithValue("$id", RecordingJson.Id(state.Id));
        command.Parameters.AddWithValue("$requested", state.RequestedAt.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$ended", state.EndedAt is { } ended ? ended.ToUnixTimeMilliseconds() : DBNull.Value);
        bool isOpen = !RecordingPhases.IsOver(state.Phase) || state.ToldVersion < state.Version;
        command.Parameters.AddWithValue("$open", isOpen ? 1 : 0);
        command.Parameters.AddWithValue("$state", _state);
        command.ExecuteNonQuery();
    }

    private void Put(SqliteConnection connection, Guid recording, RecordingParticipant participant)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO recording_participant (recording, participant, tenant, identity, name, joined_at, left_at, state)
            VALUES ($recording, $participant, $tenant, $identity, $name, $joined, $left, $state)
            ON CONFLICT (recording, participant) DO UPDATE SET name = $name, left_at = $left, state = $state;
            """;
        command.Parameters.AddWithValue("$recording", RecordingJson.Id(recording));
        command.Parameters.AddWithValue("$participant", participant.Id.Value);
        command.Parameters.AddWithValue("$tenant", append.Room.Tenant);
        command.Parameters.AddWithValue("$identity", participant.Identity);
        command.Parameters.AddWithValue("$name", participant.Name);
        command.Parameters.AddWithValue("$joined", participant.JoinedAt.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$left", participant.LeftAt is { } left ? left.ToUnixTimeMilliseconds() : DBNull.Value);
        command.Parameters.AddWithValue("$state", RecordingJson.Name(participant.State));
        command.ExecuteNonQuery();
    }

    private static void Put(SqliteConnection connection, Guid recording, TimelineEntry entry)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "INSERT INTO recording_timeline (recording, at, event) VALUES ($recording, $at, $event);";
        command.Parameters.AddWithValue("$recording", RecordingJson.Id(recording));
        command.Parameters.AddWithValue("$at", entry.At.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$event", entry.Text);
        command.ExecuteNonQuery();
    }

    private void Put(SqliteConnection connection, Impossibility impossibility)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO impossibility (id, tenant, room, kind, since, till, body) VALUES ($id, $tenant, $room, $kind, $since, $till, $body)
            ON CONFLICT (id) DO UPDATE SET till = $till, body = $body;
            """;
        RecordingQueries.AddRoom(command, impossibility.Room);
        command.Parameters.AddWithValue("$id", RecordingJson.Id(impossibility.Id));
        command.Parameters.AddWithValue("$kind", RecordingJson.Name(impossibility.Kind));
        command.Parameters.AddWithValue("$since", impossibility.From.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$till", impossibility.To.ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$body", _impossibility);
        command.ExecuteNonQuery();
    }
}

/// <summary>Writes a derivation.</summary>
internal sealed class SaveDerivationJob(Derivation derivation) : WriteJob<bool>
{
    private readonly string _body = RecordingJson.Write(derivation);

    /// <inheritdoc/>
    protected override bool Execute(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO derivation (id, recording, unfinished, body) VALUES ($id, $recording, $unfinished, $body)
            ON CONFLICT (id) DO UPDATE SET unfinished = $unfinished, body = $body;
            """;
        command.Parameters.AddWithValue("$id", RecordingJson.Id(derivation.Id));
        command.Parameters.AddWithValue("$recording", RecordingJson.Id(derivation.Recording));
        command.Parameters.AddWithValue("$unfinished", derivation.State is DerivationState.Queued or DerivationState.Running ? 1 : 0);
        command.Parameters.AddWithValue("$body", _body);
        command.ExecuteNonQuery();
        return true;
    }
}
