using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Media.Rtp;
using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Recorder;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Reading;
using Sfu.Recordings;
using Sfu.Recordings.Derivations;
using Sfu.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Tests.Nodes;

/// <summary>The node's side of recordings: model workers, and the real recorder on a real disk.</summary>
public sealed partial class RecordingNodeTests : IDisposable
{
    private static readonly IFormatProvider Invariant = System.Globalization.CultureInfo.InvariantCulture;
    private const ParticipantRecordingState On = ParticipantRecordingState.On, Pending = ParticipantRecordingState.ConsentPending;
    private static readonly SystemRecorderClock Clock = new();

    private readonly string _directory = Directory.CreateTempSubdirectory("sfu-recording-node-").FullName;
    private readonly Guid _id = Guid.CreateVersion7();
    private RecorderService _service;
    private TapDirectory _taps;
    private RecordingNode _recorder;
    private NodeFixture _node;

    private static RoomFence Fence => new(FakeRoom.Key, 1);

    private RecordingFence Recording => new(_id, FakeRoom.Key, 1);

    public RecordingNodeTests() => Start();

    public void Dispose()
    {
        End();
        _vault?.Dispose();
        _kek?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Start_TracksThatAreThereAndThatComeLater_AreTapped()
    {
        TestClient ann = await PublishAsync("ann", On);
        await StartAsync();
        TestClient bob = await PublishAsync("bob", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 2);

        Receive(ann, "ann's");
        Receive(bob, "bob's");
        NodeRecordingStopped stopped = (await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default))!;
        Assert.Equal(2, stopped.Tracks);
        Assert.Empty(_node.Worker.Taps);
        Assert.Contains("ann's", Journal(stopped.Folder), StringComparison.Ordinal);
        Assert.Contains("bob's", Journal(stopped.Folder), StringComparison.Ordinal);
        Assert.Equal(NodeRecordingState.Unknown, _recorder.HealthOf(_id).State);
        Assert.Equal(stopped, await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default)); // the answer got lost
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Publish_RequiredBeforeTheRecordingStarts_IsHeldUntilIt()
    {
        _node.Room.Settings = _node.Room.Settings with { Recording = RecordingPolicy.Required };
        TestClient ann = await PublishAsync("ann", On);
        Assert.False(IsFresh(ann));
        await StartAsync(RecordingPolicy.Required);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1 && IsFresh(ann));
    }

    [Fact]
    public async Task Publish_BestEffort_NeedsNoLease()
    {
        await StartAsync();
        await PublishAsync("ann", On);
        Assert.Empty(_node.Worker.Leases);
    }

    [Fact]
    public async Task SetParticipants_ConsentComes_RecordsFromThenOn()
    {
        _node.Room.Settings = _node.Room.Settings with { Recording = RecordingPolicy.Required, Consent = ConsentMode.First };
        await StartAsync(RecordingPolicy.Required, ConsentMode.First);
        TestClient ann = await PublishAsync("ann", Pending);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Assert.False(IsFresh(ann));
        Receive(ann, "unasked");

        Tell(ann, On);
        Assert.True(IsFresh(ann));
        Receive(ann, "agreed");
        Tell(ann, ParticipantRecordingState.Refused);
        Assert.False(IsFresh(ann));
        Receive(ann, "withdrawn");

        string journal = await StopAsync();
        Assert.Contains("agreed", journal, StringComparison.Ordinal);
        Assert.Contains("\"consent\"", journal, StringComparison.Ordinal);
        Assert.DoesNotContain("unasked", journal, StringComparison.Ordinal);
        Assert.DoesNotContain("withdrawn", journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_ConsentFirstAndNothingKnown_IsHeldBack()
    {
        await StartAsync(consent: ConsentMode.First);
        TestClient ann = await PublishAsync("ann", null);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Receive(ann, "unasked");
        Assert.DoesNotContain("unasked", await StopAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SetParticipants_AgreedBeforeItCame_IsAnEventWithTheText()
    {
        await StartAsync(consent: ConsentMode.First);
        _recorder.SetParticipants(Fence, [new(new ParticipantId("PA_eve"), "eve", "", On, "0123abcd")]);
        _recorder.SetParticipants(Fence, [new(new ParticipantId("PA_eve"), "eve", "", On, "0123abcd")]);

        string journal = await StopAsync();
        Assert.Equal(2, journal.Split("""{"event":"consent","participant":"PA_eve","text":"0123abcd"}""").Length);
    }

    [Fact]
    public async Task Publish_Exempt_IsNeitherTappedNorHeld()
    {
        _node.Room.Settings = _node.Room.Settings with { Recording = RecordingPolicy.Required };
        await StartAsync(RecordingPolicy.Required);
        await PublishAsync("ann", ParticipantRecordingState.Exempt);
        TestClient bob = await PublishAsync("bob", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Assert.Equal([Producer(bob)], _node.Worker.Taps.Keys);
        Assert.Equal([Producer(bob)], _node.Worker.Leases.Keys);
    }

    [Fact]
    public async Task Forget_MediaOfTheRoomLeavesWhileSomebodyIsJoining_KeepsWhoIsExempt()
    {
        Participant ann = _node.Room.Join("ann");
        _recorder.SetParticipants(Fence, [new(ann.Id, "ann", "", ParticipantRecordingState.Exempt)]);
        TestClient bob = await PublishAsync("bob", On);
        bob.Session.Dispose();                             // the room's media has left this node; ann's is about to come

        await StartAsync();
        await PublishAsync(Client(ann));
        await PublishAsync("cid", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Assert.DoesNotContain(Producer(ann.Id), _node.Worker.Taps.Keys);
    }

    [Fact]
    public async Task Unpublish_TappedTrack_IsClosedInTheJournal()
    {
        await StartAsync();
        TestClient ann = await PublishAsync("ann", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        _node.Room.Leave(ann.Id);
        Assert.Empty(_node.Worker.Taps);
        Assert.Equal(NodeRecordingState.Active, _recorder.HealthOf(_id).State);
        Assert.Empty(_node.Worker.Stale);
    }

    [Fact]
    public async Task Recover_BeforeTheHostedServiceStarted_FindsWhatWasLeftOpen()
    {
        await StartAsync();
        TestClient ann = await PublishAsync("ann", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Receive(ann, "before");
        End();
        Start();

        // The sweep may come before the recorder's own start.
        OpenRecording open = Assert.Single(await _recorder.RecoverAsync(default));
        Assert.Equal((_id, FakeRoom.Key), (open.Recording, open.Room));
        NodeRecordingStart start = await _recorder.StartAsync(Order(RecordingPolicy.BestEffort, ConsentMode.None) with { Continues = true }, default);
        Assert.NotNull(start.Started?.Interruption);
        TestClient again = await PublishAsync("ann", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Receive(again, "after");
        string journal = await StopAsync();
        Assert.Contains("before", journal, StringComparison.Ordinal);
        Assert.Contains("after", journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_Track_IsDescribedBeforeItsFirstPacketAndAgainWhenItChanges()
    {
        await StartAsync();
        TestClient ann = await PublishAsync("ann", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Receive(ann, "first");
        PublishedTrack track = Track(ann);
        _recorder.SetParticipants(Fence, [new(ann.Id, "ann", "", On)]);          // no news
        _recorder.OnRoomEvent(Fence, Entry(new MetadataChanged(ann.Id, "", "Ann B.", RoomActor.Server)));
        track.Selection = track.Selection with { Codecs = [track.Selection.Codecs[0] with { PayloadType = 99 }] };
        _taps.Of(FakeRoom.Key).OnRenegotiated(track.Info.Id);
        Receive(ann, "last");

        string folder = (await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default))!.Folder;
        TrackEvent[] described = Described(folder);
        Assert.Equal(["ann", "Ann B.", "Ann B."], described.Select(one => one.Name));
        Assert.Equal(99, Assert.Single(described[^1].Formats!).PayloadType);
        Assert.All(described, one => Assert.Equal(1, one.Track));
        TrackEvent.FormatEntry opus = described[0].Formats!.First(format => format.PayloadType == 111);
        Assert.Equal(("opus", 48000), (opus.Codec.ToLowerInvariant(), opus.ClockRate));
        Assert.Contains("AudioLevel", described[0].Extensions!.Values);
        using JournalReader reader = Read(folder);
        JournalEntry[] entries = [.. reader.Chunks().SelectMany(chunk => chunk.Entries)];
        Assert.True(entries.First(entry => TrackEvent.TryRead(entry.Payload.Span) is not null).MonoNanoseconds
            < entries.First(entry => entry.Type == RecordType.Rtp).MonoNanoseconds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnStream_EncodingOfAStreamIsLearnt_StandsInTheManifest(bool isBefore)
    {
        TestClient ann = await PublishAsync("ann", On);
        if (isBefore) Learn(ann, "hi");
        await StartAsync();
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        if (!isBefore) Learn(ann, "hi");
        Receive(ann, "high");

        string folder = (await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default))!.Folder;
        SealedManifest manifest = ManifestJson.ReadSealed(await File.ReadAllBytesAsync(Path.Combine(folder, "recording.json")));
        Assert.Equal("hi", Assert.Single(Assert.Single(manifest.Tracks).Streams).Rid);
    }

    [Fact]
    public async Task Keys_OfWhatIsSigned_OpenTheRecording()
    {
        await StartAsync();
        TestClient ann = await PublishAsync("ann", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Receive(ann, "said");
        string folder = (await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default))!.Folder;
        (int written, Dictionary<(uint, uint), byte[]> keys) = await KeysOfAsync(folder);
        Assert.Equal((2, 2), (written, keys.Count));
        EvidenceSource source = EvidenceSource.Open(folder, new GivenKeys(keys));
        Assert.Equal("ann", Assert.Single(source.Tracks).Name);
        Assert.Contains(source.Read(1), record => Encoding.ASCII.GetString(record.Payload.Span).EndsWith("said", StringComparison.Ordinal));
        Assert.Equal(0, source.UnreadableChunks);
    }

    [Fact]
    public async Task Presence_WithoutMedia_IsInTheJournalOfThoseAlone_WhoAreRecordedAndNotHidden()
    {
        Participant ann = _node.Room.Join("ann"), bob = _node.Room.Join("bob"), zoe = _node.Room.Join("zoe"), kim = _node.Room.Join("kim"), tom = _node.Room.Join("tom");
        NodeRecordingStart start = await _recorder.StartAsync(Order(RecordingPolicy.BestEffort, ConsentMode.First) with
        {
            Participants = [Of(ann, On), Of(bob, Pending), Of(zoe, On) with { IsVisible = false }, Of(kim, ParticipantRecordingState.Exempt)],
        }, default);
        Assert.NotNull(start.Started);
        _recorder.OnRoomEvent(Fence, Entry(new ParticipantWaiting(tom with { State = ParticipantState.Waiting })));
        _recorder.OnRoomEvent(Fence, Entry(new ParticipantAdmitted(tom with { Recording = Pending }, RoomActor.Server)));
        _recorder.OnRoomEvent(Fence, Entry(new ParticipantRecordingChanged(tom.Id, null, true, On, RoomActor.Server)));
        foreach (Participant one in (Participant[])[_node.Room.Join("ida"), _node.Room.Join("spy") with { Rights = zoe.Rights with { Hidden = true } }])
            _recorder.OnRoomEvent(Fence, Entry(new ParticipantJoined(one with { Recording = On, SecretHash = "5ec3e7" })));
        _recorder.SetParticipants(Fence, [Of(bob, On)]);
        string folder = (await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default))!.Folder;

        string journal = Journal(folder);
        Assert.DoesNotContain("zoe", journal, StringComparison.Ordinal);
        Assert.DoesNotContain("kim", journal, StringComparison.Ordinal);
        Assert.DoesNotContain("5ec3e7", journal, StringComparison.Ordinal);
        EvidenceSource source = EvidenceSource.Open(folder, new GivenKeys((await KeysOfAsync(folder)).Keys));
        Assert.Equal(["ann", "bob", "ida", "tom"], source.Presence.Select(there => there.Identity).Order());
        Assert.Empty(source.Tracks);

        static RecordedParticipant Of(Participant one, ParticipantRecordingState state) => new(one.Id, one.Identity, "", state) { IsVisible = true };
    }

    [Fact]
    public async Task Keys_NoSegmentYet_SaysSo()
    {
        var keys = new RecorderKeys(_service);
        Assert.Equal(DerivationFailure.NoEvidence, (await Assert.ThrowsAsync<DerivationException>(() => keys.FindAsync(_directory, default))).Reason);
    }

    [Fact]
    public async Task Stop_OwnerOfAnOlderLife_IsRefused()
    {
        await StartAsync(epoch: 3);
        Assert.Null(await _recorder.StopAsync(Recording with { Epoch = 2 }, RecordingEndReason.Stopped, default));
        Assert.Equal(NodeRecordingState.Active, _recorder.HealthOf(_id).State);
    }

    [Fact]
    public async Task RoomsThatEnded_LeaveNothingBehind()
    {
        for (int i = 0; i < 10; i++)
        {
            var room = new RoomFence(new RoomKey("default", $"room{i}"), 1);
            var ann = new ParticipantId($"PA_{i}");
            _recorder.SetParticipants(room, [new(ann, "ann", "", On)]);
            _recorder.OnRoomEvent(room, Entry(new ParticipantLeft(ann, "ann", LeaveReason.ClientLeft, "", RoomActor.Server)));
            _recorder.OnRoomEvent(room, Entry(new RoomClosed(RoomCloseReason.Empty, RoomActor.Server)));
            _recorder.OnData(room.Room, null, default);
        }

        await StartAsync();
        await StopAsync();
        _recorder.OnRoomEvent(Fence, Entry(new RoomClosed(RoomCloseReason.Empty, RoomActor.Server)));
        Assert.Equal(0, _taps.Count);
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_service), nameof(_taps), nameof(_recorder), nameof(_node))]
    private void Start()
    {
        _service = new RecorderService(
            Options.Create(new ServerOptions { DataDirectory = _directory }), Options.Create(new RecordingOptions { SyncInterval = TimeSpan.FromMilliseconds(250) }), TimeProvider.System, NullLogger<RecorderService>.Instance);
        _taps = new TapDirectory(_service, NullLogger<TapDirectory>.Instance);
        _recorder = new RecordingNode(_service, _taps, new NoEvents(), NullLogger<RecordingNode>.Instance, TimeProvider.System);
        _node = new NodeFixture(taps: _taps);
    }

    private void End()
    {
        _recorder.Dispose();
        _service.Dispose();
    }

    private RecordingOrder Order(RecordingPolicy policy, ConsentMode consent, long epoch = 1) => new()
    {
        Fence = Recording with { Epoch = epoch },
        RoomId = "RM_1",
        Policy = policy,
        Consent = consent,
        RequestedAt = DateTimeOffset.UtcNow,
    };

    private async Task StartAsync(RecordingPolicy policy = RecordingPolicy.BestEffort, ConsentMode consent = ConsentMode.None, long epoch = 1)
    {
        NodeRecordingStart start = await _recorder.StartAsync(Order(policy, consent, epoch), default);
        Assert.Null(start.Refused);
        Assert.NotNull(start.Started);
    }

    private async Task<string> StopAsync() => Journal((await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default))!.Folder);

    private async Task<TestClient> PublishAsync(string identity, ParticipantRecordingState? state)
    {
        Participant self = _node.Room.Join(identity);
        if (state is { } known) _recorder.SetParticipants(Fence, [new(self.Id, identity, "", known)]);
        TestClient client = Client(self);
        await PublishAsync(client);
        return client;
    }

    private static async Task PublishAsync(TestClient client)
    {
        client.Connection.Add("audio", SdpDirection.SendOnly);
        await client.OfferAsync();
    }

    private int _clients = 100;

    private async Task<(int Written, Dictionary<(uint, uint), byte[]> Keys)> KeysOfAsync(string folder)
    {
        End();
        Start();                                           // no recorder runs: the keys are opened alone
        using var lines = new MemoryStream();
        int written = await (await new RecorderKeys(_service).FindAsync(folder, default))(lines, default);
        var keys = new Dictionary<(uint, uint), byte[]>();
        foreach (string line in Encoding.ASCII.GetString(lines.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            keys.Add((uint.Parse(line.Split(' ')[0], Invariant), uint.Parse(line.Split(' ')[1], Invariant)), Convert.FromHexString(line.Split(' ')[2]));
        return (written, keys);
    }

    private TestClient Client(Participant self)
    {
        var sink = new RecordingSink();
        IMediaSession session = _node.Node.Open(FakeRoom.Key, _node.Room.Snapshot(), self, NodeFixture.Auto, sink);
        _node.Room.Follow(session);
        return new TestClient(++_clients, self, session, sink);
    }

    private void Tell(TestClient client, ParticipantRecordingState state) =>
        _recorder.SetParticipants(Fence, [new(client.Id, client.Self.Identity, "", state)]);

    private ProducerId Producer(TestClient client) => Producer(client.Id);

    private ProducerId Producer(ParticipantId participant) =>
        _node.Worker.Producers.Keys.Single(producer => _node.Services.RoomsById.Values.Single().Find(producer)!.Info.Participant == participant);

    private bool IsFresh(TestClient client) => _node.Worker.Leases[Producer(client)].IsFresh(Clock.Now);

    /// <summary>The worker receives a packet with this text, a little later than it was told what it was told: changes hold from 20 ms on.</summary>
    private void Receive(TestClient from, string text)
    {
        var packet = new byte[12 + text.Length];
        packet[0] = 0x80;
        packet[1] = 111;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), _sequence * 960u);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), (uint)Producer(from).Value);
        Encoding.ASCII.GetBytes(text, packet.AsSpan(12));
        Assert.True(_node.Worker.Taps[Producer(from)].OnRtp(Clock.Now + TimeSpan.FromMilliseconds(100), packet, false));
    }

    private ushort _sequence;

    private void Say(TestClient from, string text) => _recorder.OnData(FakeRoom.Key, from.Id, Encoding.UTF8.GetBytes($"{{\"text\":\"{text}\"}}"));

    /// <summary>Everything that the sealed journal holds, decrypted.</summary>
    private string Journal(string folder)
    {
        using FileKeyEncryptionKey kek = FileKeyEncryptionKey.Open(Path.Combine(_directory, "recorder", "kek"));
        using var vault = new SqliteKeyVault(Path.Combine(_directory, "recorder", "vault.db"));
        using var reader = new JournalReader(_id, folder, RecorderService.NodeName, vault, kek);
        return string.Join('\n', reader.Chunks().SelectMany(chunk => chunk.Entries).Select(entry => Encoding.Latin1.GetString(entry.Payload.Span)));
    }

    private PublishedTrack Track(TestClient client) => _node.Services.RoomsById.Values.Single().Find(Producer(client))!;

    /// <summary>The worker says which encoding the stream is that <see cref="Receive"/> brings.</summary>
    private void Learn(TestClient client, string rid) => _taps.Of(FakeRoom.Key).OnStream(Track(client).Info.Id, new Ssrc((uint)Producer(client).Value), rid);

    private JournalReader Read(string folder) => new(
        _id, folder, RecorderService.NodeName, _vault ??= new SqliteKeyVault(Path.Combine(_directory, "recorder", "vault.db")),
        _kek ??= FileKeyEncryptionKey.Open(Path.Combine(_directory, "recorder", "kek")));

    private SqliteKeyVault? _vault;
    private FileKeyEncryptionKey? _kek;

    private TrackEvent[] Described(string folder)
    {
        using JournalReader reader = Read(folder);
        return [.. reader.Records(0).Where(entry => entry.Type == RecordType.Event).Select(entry => TrackEvent.TryRead(entry.Payload.Span)).OfType<TrackEvent>()];
    }

    private static LoggedEvent Entry(RoomEvent roomEvent) => new(1, DateTimeOffset.UtcNow, EventAudience.Everyone, roomEvent);

    private sealed class GivenKeys(Dictionary<(uint, uint), byte[]> keys) : ITrackKeys
    {
        public bool TryGet(Guid recording, uint track, uint epoch, Span<byte> key)
        {
            if (!keys.TryGetValue((track, epoch), out byte[]? found)) return false;
            found.CopyTo(key);
            return true;
        }
    }

    private sealed class NoEvents : IRecordingNodeEvents
    {
        public void Changed(RoomKey room, Guid recording, NodeRecordingHealth health)
        {
        }

        public void RecorderChanged(RecordingCause? unavailable)
        {
        }
    }
}
