using Sfu.Media.Rtp;
using Sfu.Rooms;
using Sfu.Rooms.Decisions;

namespace Sfu.Tests.Rooms;

/// <summary>What may be published, and who mutes what.</summary>
public sealed class PublishingTests
{
    public static TheoryData<MediaKind, TrackSource, RoomErrorCode?> Kinds => new()
    {
        { MediaKind.Audio, TrackSource.Microphone, null },
        { MediaKind.Audio, TrackSource.ScreenShareAudio, null },
        { MediaKind.Audio, TrackSource.Other, null },
        { MediaKind.Audio, TrackSource.Camera, RoomErrorCode.BadRequest },
        { MediaKind.Audio, TrackSource.ScreenShare, RoomErrorCode.BadRequest },
        { MediaKind.Video, TrackSource.Camera, null },
        { MediaKind.Video, TrackSource.ScreenShare, null },
        { MediaKind.Video, TrackSource.Other, null },
        { MediaKind.Video, TrackSource.Microphone, RoomErrorCode.BadRequest },
        { MediaKind.Video, TrackSource.ScreenShareAudio, RoomErrorCode.BadRequest },
        { MediaKind.Video, (TrackSource)99, RoomErrorCode.BadRequest },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Publish_KindAndSource_MustFit(MediaKind kind, TrackSource source, RoomErrorCode? expected)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        PublishResult result = Publish(room, ann.Id, new TrackDraft(kind, source))[0];
        Assert.Equal(expected, result.Error?.Code);
        Assert.Equal(expected is null, result.Track is not null);
    }

    [Theory]
    [InlineData(false, null, TrackSource.Microphone, RoomErrorCode.Forbidden)]
    [InlineData(true, null, TrackSource.Microphone, null)]
    [InlineData(true, TrackSource.Microphone, TrackSource.Microphone, null)]
    [InlineData(true, TrackSource.Camera, TrackSource.Microphone, RoomErrorCode.Forbidden)]
    public void Publish_Source_MustBeInTheRights(bool publish, TrackSource? only, TrackSource source, RoomErrorCode? expected)
    {
        StateBuilder room = new StateBuilder().Open();
        TrackSource[] sources = only is { } one ? [one] : [];
        Participant ann = room.Join("ann", TestData.Rights with { Publish = publish, Sources = sources });
        Assert.Equal(expected, Publish(room, ann.Id, new TrackDraft(MediaKind.Audio, source))[0].Error?.Code);
    }

    [Fact]
    public void Publish_MoreThanTheLimit_RefusesOnlyThose()
    {
        StateBuilder room = new StateBuilder(options => options.MaxTracks = 2).Open();
        Participant ann = room.Join("ann");
        room.Publish(ann, TestData.Microphone);
        PublishResult[] results = Publish(room, ann.Id, TestData.Camera, TestData.Camera);
        Assert.NotNull(results[0].Track);
        Assert.Equal(RoomErrorCode.Limit, results[1].Error?.Code);
        Assert.Equal(2, room.State.Find(ann.Id)!.Tracks.Count);
        room.Do(Publishing.Unpublish(room.State, ann.Id, [results[0].Track!.Id], UnpublishReason.Unpublished));
        Assert.NotNull(Publish(room, ann.Id, TestData.Camera)[0].Track); // the place is free again
    }

    [Fact]
    public void Publish_BadDraftAmongGood_IsRefusedAlone()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        PublishResult[] results = Publish(
            room, ann.Id, TestData.Microphone, TestData.Camera with { Name = new string('n', 129) }, TestData.Camera with { Codec = new string('c', 33) }, TestData.Camera);
        Assert.Equal([null, RoomErrorCode.BadRequest, RoomErrorCode.BadRequest, null], results.Select(result => result.Error?.Code));
        Assert.Equal(2, room.State.Find(ann.Id)!.Tracks.Count);
    }

    [Theory]
    [InlineData("waiting", RoomErrorCode.BadState)]
    [InlineData("gone", RoomErrorCode.NotFound)]
    [InlineData("closed", RoomErrorCode.NotFound)]
    public void Publish_NotInTheRoom_RefusesEveryDraft(string where, RoomErrorCode expected)
    {
        StateBuilder room = new StateBuilder().Open(new RoomDraft { Lobby = true });
        ParticipantId id = room.Join("ann").Id;
        if (where == "gone") room.Do(Admission.Leave(room.State, id, LeaveReason.ClientLeft, ""));
        if (where == "closed") room.Do(Lifecycle.Delete(room.State, RoomActor.Server));
        Assert.All(Publish(room, id, TestData.Microphone, TestData.Camera), result => Assert.Equal(expected, result.Error?.Code));
    }

    [Fact]
    public void Publish_MutedDraft_StartsMutedByItsOwner()
    {
        StateBuilder room = new StateBuilder().Open();
        Track track = room.Publish(room.Join("ann"), TestData.Microphone with { Muted = true, Codec = "opus", Simulcast = true, Name = "desk" });
        Assert.Equal((MutedBy.Self, "opus", true, "desk"), (track.MutedBy, track.Codec, track.Simulcast, track.Name));
    }

    [Theory]
    [InlineData(TrackSource.ScreenShare, null, null)]
    [InlineData(null, "slides", null)]
    [InlineData(TrackSource.Microphone, null, RoomErrorCode.BadRequest)]
    [InlineData(TrackSource.Other, null, RoomErrorCode.Forbidden)]
    public void Update_OwnTrack_ObeysRights(TrackSource? source, string? name, RoomErrorCode? expected)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann", TestData.Rights with { Sources = [TrackSource.Camera, TrackSource.ScreenShare] });
        Track track = room.Publish(ann, TestData.Camera);
        Decision decision = Publishing.Update(room.State, ann.Id, track.Id, source, name);
        Assert.Equal(expected, decision.Error?.Code);
        Assert.Equal(expected is null, decision.Events.Count == 1);
    }

    [Fact]
    public void Update_OthersTrack_IsNotFound()
    {
        StateBuilder room = new StateBuilder().Open();
        Track track = room.Publish(room.Join("ann"), TestData.Camera);
        Participant bob = room.Join("bob", TestData.Host);
        Assert.Equal(RoomErrorCode.NotFound, Publishing.Update(room.State, bob.Id, track.Id, null, "x").Error?.Code);
    }

    [Fact]
    public void Unpublish_GoneAndOthersTracks_DoNotMatter()
    {
        StateBuilder room = new StateBuilder().Open();
        Participant ann = room.Join("ann");
        Track own = room.Publish(ann, TestData.Camera), other = room.Publish(room.Join("bob"), TestData.Camera);
        Decision decision = Publishing.Unpublish(room.State, ann.Id, [own.Id, other.Id, new TrackId("TR_gone")], UnpublishReason.Replaced);
        Assert.Equal([new TrackUnpublished(own.Id, ann.Id, UnpublishReason.Replaced)], decision.Events);
        room.Do(decision);
        Assert.Empty(Publishing.Unpublish(room.State, ann.Id, [own.Id], UnpublishReason.Unpublished).Events);
    }

    // Who acts, on whose track, as it is, what is wanted: what comes of it.
    [Theory]
    [InlineData("owner", null, true, MuteReason.Self, MutedBy.Self)]
    [InlineData("owner", MutedBy.Self, false, MuteReason.Self, null)]
    [InlineData("owner", MutedBy.Admin, false, MuteReason.Self, null)]
    [InlineData("owner", MutedBy.Server, false, MuteReason.Self, null)]
    [InlineData("owner", MutedBy.Admin, true, null, MutedBy.Admin)]
    [InlineData("host", null, true, MuteReason.Admin, MutedBy.Admin)]
    [InlineData("host", MutedBy.Self, true, null, MutedBy.Self)]
    [InlineData("back end", null, true, MuteReason.Server, MutedBy.Server)]
    public void Mute_Allowed_SaysWhoDidIt(string actor, MutedBy? before, bool muted, MuteReason? reason, MutedBy? after)
    {
        (StateBuilder room, Track track, RoomActor by) = MuteScene(actor, before);
        Decision decision = Publishing.Mute(room.State, by, track.Id, muted);
        Assert.Equal(reason, decision.Events.Count == 0 ? null : Assert.IsType<TrackMuted>(decision.Events[0]).Reason);
        room.Do(decision);
        Assert.Equal(after, room.State.Find(track.Id).Track!.MutedBy);
    }

    // A server never opens somebody's microphone.
    [Theory]
    [InlineData("host", true)]
    [InlineData("host", false)]
    [InlineData("back end", true)]
    [InlineData("back end", false)]
    [InlineData("guest", true)]
    [InlineData("guest", false)]
    public void Mute_OpeningAnothersTrack_IsForbidden(string actor, bool isMuted)
    {
        (StateBuilder room, Track track, RoomActor by) = MuteScene(actor, isMuted ? MutedBy.Admin : null);
        Assert.Equal(RoomErrorCode.Forbidden, Publishing.Mute(room.State, by, track.Id, false).Error?.Code);
    }

    [Fact]
    public void Mute_UnknownTrack_IsNotFoundForHostsAndForbiddenForOthers()
    {
        (StateBuilder room, _, RoomActor host) = MuteScene("host", null);
        var unknown = new TrackId("TR_gone");
        Participant eve = room.Join("eve");
        Assert.Equal(RoomErrorCode.NotFound, Publishing.Mute(room.State, host, unknown, true).Error?.Code);
        Assert.Equal(RoomErrorCode.Forbidden, Publishing.Mute(room.State, RoomActor.Of(eve.Id), unknown, true).Error?.Code);
    }

    private static (StateBuilder Room, Track Track, RoomActor By) MuteScene(string actor, MutedBy? before)
    {
        StateBuilder room = new StateBuilder().Open();
        Participant owner = room.Join("owner"), host = room.Join("host", TestData.Host), guest = room.Join("guest");
        Track track = room.Publish(owner, TestData.Microphone);
        if (before is { } by)
        {
            MuteReason reason = by switch { MutedBy.Self => MuteReason.Self, MutedBy.Admin => MuteReason.Admin, _ => MuteReason.Server };
            room.Apply(new TrackMuted(track.Id, owner.Id, true, reason, by == MutedBy.Admin ? RoomActor.Of(host.Id) : RoomActor.Server));
        }

        return (room, track, actor switch
        {
            "owner" => RoomActor.Of(owner.Id),
            "host" => RoomActor.Of(host.Id),
            "guest" => RoomActor.Of(guest.Id),
            _ => RoomActor.BackEnd("key"),
        });
    }

    private static PublishResult[] Publish(StateBuilder room, ParticipantId id, params TrackDraft[] drafts)
    {
        Decision decision = Publishing.Publish(room.State, id, drafts, room.Context, out PublishResult[] results);
        foreach (RoomEvent roomEvent in decision.Events) room.Apply(roomEvent);
        Assert.All(results, result => Assert.True(result.Track is null != result.Error is null));
        return results;
    }
}
