using System.Reflection;
using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>The owner of recordings as a room or session finds it: a real one of a rig, or one that notes what it was asked.</summary>
internal sealed class KeeperRecordings : IRoomRecordings
{
    /// <summary>The real owner; null = what is asked is noted and refused as not recorded.</summary>
    public RecordingRig? Rig { get; set; }

    public List<string> Asked { get; } = [];

    public IRecordingGrain Get(RoomKey room) => RecordingGrainDouble.For(this);
}

/// <summary>Stands for the grain, without being one that Orleans would find.</summary>
public class RecordingGrainDouble : DispatchProxy
{
    private KeeperRecordings _owner = null!;

    internal static IRecordingGrain For(KeeperRecordings owner)
    {
        IRecordingGrain grain = Create<IRecordingGrain, RecordingGrainDouble>();
        ((RecordingGrainDouble)(object)grain)._owner = owner;
        return grain;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        string method = targetMethod!.Name;
        if (_owner.Rig is not { } rig)
        {
            if (method == nameof(IRecordingGrain.PokeAsync)) return Task.CompletedTask;
            _owner.Asked.Add($"{method} {string.Join(' ', args!)}");
            return Task.FromResult(new RecordingAnswer(null, new RoomError(RoomErrorCode.NotFound, "The room is not being recorded.")));
        }

        return method switch
        {
            nameof(IRecordingGrain.EnsureAsync) => rig.Keeper.EnsureAsync((RecordingDemand)args![0]!),
            nameof(IRecordingGrain.PauseAsync) => rig.Keeper.PauseAsync((Guid?)args![0], (PauseWish)args[1]!, (RoomActor)args[2]!),
            nameof(IRecordingGrain.ResumeAsync) => rig.Keeper.ResumeAsync((Guid?)args![0], (ParticipantId?)args[1], (RoomActor)args[2]!),
            nameof(IRecordingGrain.StopAsync) => rig.Keeper.StopAsync((Guid?)args![0], (RoomActor)args[1]!),
            nameof(IRecordingGrain.OnHealthAsync) => rig.Keeper.OnHealthAsync((Guid)args![0]!, (NodeRecordingHealth)args[1]!),
            nameof(IRecordingGrain.GetAsync) => Task.FromResult(rig.Keeper.Journal.Current),
            _ => Task.CompletedTask, // what a poke would do comes with the next tick
        };
    }
}
