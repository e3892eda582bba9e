using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Tests.Rooms;

/// <summary>One room, one sequence of operations, each done by the real owner and by the model, and compared.</summary>
internal sealed class RoomModelRun
{
    private static readonly MediaKind[] Kinds = [MediaKind.Audio, MediaKind.Video];
    private readonly RoomKey _key;
    private readonly FaultyStore _store;
    private readonly KeeperRig _rig;
    private readonly Queue<ParticipantId> _newParticipants = new();
    private readonly Queue<TrackId> _newTracks = new();
    private readonly RoomModel _model;
    private readonly List<LoggedEvent> _log = [];
    private readonly List<JoinRequest> _sessions = [];
    private RoomState _folded;
    private RoomKeeper _room;
    private readonly HashSet<ParticipantId> _owed = [];
    private int _pending;
    private int _untold;
    private bool _isStale;

    public RoomModelRun(IRoomStore store, RoomKey key)
    {
        _key = key;
        _store = new FaultyStore(store);
        _rig = new KeeperRig(_store, options => (options.MaxTracks, options.MaxWaiting, options.LobbyTimeout) = (RoomModel.MostTracks, RoomModel.MostWaiting, TimeSpan.FromMinutes(1)));
        _model = new RoomModel(_newParticipants, _newTracks) { Now = TestData.Start };
        _folded = new RoomState { Key = key };
        _room = _rig.Make(key);
    }

    /// <summary>Kinds of events and errors that occurred.</summary>
    public HashSet<string> Seen { get; } = [];

    public async Task RunAsync(uint[] operations)
    {
        Assert.Null(await _room.OpenAsync());
        foreach (uint operation in operations) await StepAsync(operation);
        await CrashAsync();
        LogChecker.Check(_log);
        CheckTold();
        CheckCommands();
    }

    private async Task StepAsync(uint operation)
    {
        uint kind = operation % 24, a = (operation >> 8) & 0xff, b = (operation >> 16) & 0xff;
        bool flag = (operation & 0x8000_0000) != 0;
        switch (kind)
        {
            case 0 or 1 or 2 or 3: await JoinAsync(a, b, flag); break;
            case 4: await DoAsync(LeaveAsync(Someone(a)), () => _model.Leave(Someone(a))); break;
            case 5: await DoAsync(Code(_room.KickAsync(Actor(b), Someone(a), "")), () => _model.Kick(Actor(b), Someone(a))); break;
            case 6 or 7: await PublishAsync(Someone(a), b, flag); break;
            case 8: await UnpublishAsync(Someone(a), SomeTrack(b)); break;
            case 9 or 10: await DoAsync(Code(_room.MuteTrackAsync(Actor(a), SomeTrack(b), flag)), () => _model.Mute(Actor(a), SomeTrack(b), flag)); break;
            case 11: await DoAsync(Code(_room.MuteAllAsync(Actor(a), Kinds[b % 2])), () => _model.MuteAll(Actor(a), Kinds[b % 2])); break;
            case 12: await DoAsync(Code(_room.LockAsync(Actor(a), b < 64)), () => _model.Lock(Actor(a), b < 64)); break;
            case 13: await DoAsync(Code(_room.AdmitAsync(Actor(b), Someone(a))), () => _model.Admit(Actor(b), Someone(a))); break;
            case 14: await DoAsync(Code(_room.RefuseAsync(Actor(b), Someone(a), "")), () => _model.Refuse(Actor(b), Someone(a))); break;
            case 15 when b % 3 == 0: await ConfirmAsync(a, flag); break;
            case 15: await ResumeAsync(a, b, flag); break;
            case 16: await UpdateAsync(Actor(a), b, flag); break;
            case 17: await MetadataAsync(Actor(a), b, flag); break;
            case 18: await DoAsync(CreateAsync(), _model.Create); break;
            case 19: if (b < 100) await DoAsync(Code(_room.DeleteAsync(Actor(a))), () => _model.Delete(Actor(a))); break;
            case 20: await CrashAsync(); break;
            case 21: _store.Next = flag ? FaultyStore.Fault.After : FaultyStore.Fault.Before; break;
            case 22: await ReplaceOwnerAsync(); break;
            default: await AdvanceAsync(a); break;
        }
    }

    /// <summary>Does one operation really and in the model; <paramref name="real"/> is under way already.</summary>
    private async Task DoAsync(Task<RoomErrorCode?> real, Func<RoomErrorCode?> model) =>
        await DoAllAsync(Wrap(real), () => [model()]);

    private async Task DoAllAsync(Task<RoomErrorCode?[]> real, Func<RoomErrorCode?[]> model)
    {
        RoomErrorCode?[] got = await real;
        bool failed = _store.Fired, tookPlace = _store.TookPlace;
        _store.Reset();
        int before = _log.Count;
        await ReadAsync();
        // What the last write left untold was told when this one read the log again, before a write of its own that may have failed;
        // what the owner had no epoch to tell with was forgotten then.
        if (_isStale) _pending = 0;
        _isStale = failed;
        if (failed) Seen.Add(tookPlace ? "written but failed" : "not written");
        Seen.UnionWith(got.Where(code => code is not null).Select(code => code.ToString()!));
        if (failed && !tookPlace)
        {
            Assert.Equal(before, _log.Count);
            return;
        }

        RoomErrorCode?[] expected = model();
        if (!failed) Assert.Equal(expected, got);
        if (failed)
        {
            _pending = _log.Count - before;
            if (_room.Journal.Epoch == 0) Forget();
        }

        Assert.Empty(_newParticipants);
        Assert.Empty(_newTracks);
        Compare();
        if (!failed) Assert.Equal(RoomJson.Write(_folded), RoomJson.Write(_room.Journal.State));
    }

    private async Task ReadAsync()
    {
        foreach (LoggedEvent entry in await _store.ReadAsync(_key, _log.Count, 10_000))
        {
            _log.Add(entry);
            _folded = _folded.Apply(entry);
            Seen.Add(entry.Event.GetType().Name);
            if (entry.Event is ParticipantJoined joined) _newParticipants.Enqueue(joined.Participant.Id);
            if (entry.Event is ParticipantWaiting waiting) _newParticipants.Enqueue(waiting.Participant.Id);
            if (entry.Event is TrackPublished published) _newTracks.Enqueue(published.Track.Id);
        }
    }

    private void Compare()
    {
        Assert.Equal(_model.Open, _folded.IsOpen);
        if (!_model.Open) return;
        Assert.Equal((_model.Locked, _model.Lobby, _model.Most, _model.Metadata), (_folded.Locked, _folded.Settings!.Lobby, _folded.Settings.MaxParticipants, _folded.Settings.Metadata));
        Same(_model.People.Where(p => !p.Waits), _folded.Joined);
        Same(_model.People.Where(p => p.Waits), _folded.Waiting);

        static void Same(IEnumerable<RoomModel.Person> expected, IEnumerable<Participant> actual)
        {
            Assert.Equal(
                expected.Select(p => (p.Id, p.Identity, string.Join(' ', p.Secrets), p.Metadata)),
                actual.Select(p => (p.Id, p.Identity, $"{p.PreviousSecretHash} {p.SecretHash}".TrimStart(), p.Metadata)));
            Assert.Equal(
                expected.SelectMany(p => p.Tracks).Select(t => (t.Id, t.Kind, t.MutedBy)),
                actual.SelectMany(p => p.Tracks).Select(t => (t.Id, t.Kind, t.MutedBy)));
        }
    }

    /// <summary>The owner is gone without a word; the next one has the same room.</summary>
    private async Task CrashAsync()
    {
        Forget();
        _owed.Clear();
        _store.Reset();
        long epoch = _room.Journal.Epoch;
        _room = await _rig.ActivateAsync(_key);
        _isStale = false;
        Assert.Equal(RoomJson.Write(_folded), RoomJson.Write(_room.Journal.State));
        if (_folded.IsOpen) Assert.True(_room.Journal.Epoch > epoch);
    }

    /// <summary>A second owner appears while the first lives on: the first one's next write is refused.</summary>
    private async Task ReplaceOwnerAsync()
    {
        RoomKeeper old = _room;
        await CrashAsync();
        if (!_folded.IsOpen || old.Journal.Epoch == 0) return;
        int commands = _rig.Media.Commands.Count;
        Assert.Equal(RoomErrorCode.TryAgain, (await old.LockAsync(RoomActor.Server, !_folded.Locked)).Error?.Code);
        Assert.True(old.Journal.IsSuperseded);
        Seen.Add("replaced");
        Assert.Equal(commands + 1, _rig.Media.Commands.Count);
        Assert.Empty(await _store.ReadAsync(_key, _log.Count, 1));
    }

    private async Task JoinAsync(uint a, uint b, bool mayCreate)
    {
        ParticipantRights rights = TestData.Rights with
        {
            Admin = b % 3 == 0,
            Publish = b % 5 != 0,
            Hidden = b % 11 == 0,
            Recorder = b % 13 == 0,
        };
        JoinRequest request = b % 17 == 0 && _sessions.Count > 0 && _folded.Find(_sessions[^1].Session) is not null
            ? _sessions[^1] // asking again
            : TestData.Join($"p{a % 6}", rights, mayCreate || b % 2 == 0);
        _sessions.Add(request);
        await DoAsync(Real(), () => _model.Join(request));

        async Task<RoomErrorCode?> Real() => await _room.JoinAsync(request) is JoinRefused refused ? refused.Error.Code : null;
    }

    private async Task PublishAsync(ParticipantId id, uint b, bool muted)
    {
        TrackDraft[] drafts = [.. Enumerable.Range(0, 1 + (int)(b % 2)).Select(i =>
            new TrackDraft(Kinds[(b + i) % 2], b % 7 == 0 ? TrackSource.Camera : TrackSource.Other, Muted: muted))];
        await DoAllAsync(Real(), () => _model.Publish(id, drafts));

        async Task<RoomErrorCode?[]> Real() => [.. (await _room.PublishAsync(id, drafts)).Tracks.Select(result => result.Error?.Code)];
    }

    private async Task UnpublishAsync(ParticipantId id, TrackId track) =>
        await DoAsync(Code(_room.UnpublishAsync(id, [track], UnpublishReason.Unpublished)), () => _model.Unpublish(id, track));

    /// <summary>One of those who are there mostly, else one who was.</summary>
    private SessionId SomeSession(uint a) =>
        a % 4 > 0 && _model.People.Count > 0 ? _model.People[(int)(a % _model.People.Count)].Session : _sessions[(int)(a % _sessions.Count)].Session;

    private async Task ConfirmAsync(uint a, bool wrong)
    {
        if (_sessions.Count == 0) return;
        SessionId session = SomeSession(a);
        string[] secrets = _model.People.Find(p => p.Session == session)?.Secrets ?? ["?"];
        string secret = wrong ? secrets[0] : secrets[^1]; // a late word about the secret before means nothing
        await DoAsync(Real(), () => _model.Confirm(session, secret));

        async Task<RoomErrorCode?> Real()
        {
            try
            {
                await _room.ConfirmAsync(session, secret);
                return null;
            }
            catch (RoomStoreException)
            {
                return RoomErrorCode.TryAgain;
            }
        }
    }

    private async Task ResumeAsync(uint a, uint b, bool wrong)
    {
        if (_sessions.Count == 0) return;
        SessionId session = SomeSession(a);
        string[] secrets = _model.People.Find(p => p.Session == session)?.Secrets ?? ["?"];
        string secret = wrong ? (b % 2 == 0 ? "wrong" : "hash-of-p1") : secrets[b % secrets.Length];
        var request = new ResumeRequest(session, secret, $"secret{_log.Count}", Math.Max(0, _room.Journal.State.Seq - 1), TestData.Node);
        await DoAsync(Real(), () => _model.Resume(request));

        async Task<RoomErrorCode?> Real() => await _room.ResumeAsync(request) is ResumeRefused refused ? refused.Error.Code : null;
    }

    private async Task UpdateAsync(RoomActor by, uint b, bool lobby)
    {
        var draft = new RoomDraft { Lobby = lobby, MaxParticipants = b < 8 ? 0 : 2 + (int)(b % 5) };
        await DoAsync(Code(_room.UpdateAsync(draft, by)), () => _model.Update(by, draft));
    }

    private async Task MetadataAsync(RoomActor by, uint b, bool ofRoom)
    {
        ParticipantId? id = ofRoom ? null : Someone(b);
        string metadata = $"m{b % 3}";
        await DoAsync(Code(_room.UpdateMetadataAsync(by, id, metadata, null)), () => _model.SetMetadata(by, id, metadata));
    }

    private async Task AdvanceAsync(uint a)
    {
        TimeSpan passes = TimeSpan.FromMilliseconds(1 + (a * 170)), quiet = _room.UntilTick();
        _rig.Time.Advance(passes);
        _model.Now = _rig.Time.GetUtcNow();
        if (_owed.Count > 0) _store.Reset(); // more than one write: a fault could hit any of them
        int before = _log.Count;
        await DoAsync(Real(), Model);
        // Below a second it promises nothing.
        if (quiet > RoomKeeper.Closely && passes < quiet) Assert.Equal(before, _log.Count);
        if (quiet > RoomKeeper.Closely && _log.Count > before) Seen.Add("woken for something");

        async Task<RoomErrorCode?> Real()
        {
            await _room.TickAsync();
            return null;
        }

        RoomErrorCode? Model()
        {
            foreach (ParticipantId id in _owed) _model.Leave(id);
            _owed.Clear();
            return _model.Tick(_rig.Options.LobbyTimeout);
        }
    }

    private async Task<RoomErrorCode?> LeaveAsync(ParticipantId id)
    {
        try
        {
            await _room.LeaveAsync(id, LeaveReason.ClientLeft, "");
            return null;
        }
        catch (RoomStoreException)
        {
            _owed.Add(id);
            return RoomErrorCode.TryAgain;
        }
    }

    private async Task<RoomErrorCode?> CreateAsync() => (await _room.CreateAsync(new RoomDraft(), RoomActor.Server)).Error?.Code;

    private static async Task<RoomErrorCode?> Code(Task<RoomOutcome> outcome) => (await outcome).Error?.Code;

    private static async Task<RoomErrorCode?[]> Wrap(Task<RoomErrorCode?> code) => [await code];

    private ParticipantId Someone(uint a) => a % 8 == 0 || _model.People.Count == 0 ? new("PA_nobody") : _model.People[(int)(a % _model.People.Count)].Id;

    private RoomActor Actor(uint a) => a % 3 == 0 ? RoomActor.BackEnd("key") : RoomActor.Of(Someone(a));

    private TrackId SomeTrack(uint a)
    {
        TrackId[] all = [.. _model.People.SelectMany(p => p.Tracks).Select(t => t.Id)];
        return all.Length == 0 || a % 8 == 0 ? new("TR_none") : all[a % all.Length];
    }

    /// <summary>What is durable and was not told will not be told: those who follow find it by the numbers.</summary>
    private void Forget() => (_untold, _pending) = (_untold + _pending, 0);

    /// <summary>Every event was told once, in order, but for those whose owner died between writing and telling.</summary>
    private void CheckTold()
    {
        Assert.Equal(_log.Count - _untold, _rig.Told.Count);
        long last = 0;
        foreach (LoggedEvent entry in _rig.Told)
        {
            Assert.True(entry.Seq > last, $"{entry.Seq} was told after {last}");
            last = entry.Seq;
            Assert.Equal(RoomJson.Write(_log[(int)last - 1].Event), RoomJson.Write(entry.Event));
        }
    }

    /// <summary>The media node was told each of them that concerns it, once, in order.</summary>
    private void CheckCommands()
    {
        var expected = new RecordingMediaNode();
        foreach (LoggedEvent entry in _rig.Told) RoomCommands.Tell(expected, new Sfu.Nodes.RoomFence(_key, 1), entry.Event);
        Assert.Equal(expected.Of(_key), _rig.Media.Of(_key).Where(command => !command.StartsWith("supersede", StringComparison.Ordinal)));
    }
}
