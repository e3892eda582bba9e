using System.Reflection;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>Stands for a room grain that publishes and unpublishes as the test says; anything else is a failure.</summary>
public class GrainDouble : DispatchProxy
{
    private readonly TaskCompletionSource<(TrackId, UnpublishReason)> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Func<Task<PublishOutcome>> Publish { get; set; } = () => throw new InvalidOperationException("not expected");

    public bool UnpublishFails { get; set; }

    public List<(TrackId Track, UnpublishReason Reason)> Unpublished { get; } = [];

    public Task<(TrackId Track, UnpublishReason Reason)> FirstUnpublished => _first.Task;

    public IRoomGrain AsGrain => (IRoomGrain)(object)this;

    public static GrainDouble New() => (GrainDouble)(object)Create<IRoomGrain, GrainDouble>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IRoomGrain.PublishAsync)) return Publish();
        Assert.Equal(nameof(IRoomGrain.UnpublishAsync), targetMethod.Name);
        foreach (TrackId track in (IReadOnlyList<TrackId>)args![1]!) Unpublished.Add((track, (UnpublishReason)args[2]!));
        _first.TrySetResult(Unpublished[0]);
        return UnpublishFails ? Task.FromException<RoomOutcome>(new TimeoutException("the silo is gone")) : Task.FromResult(RoomOutcome.Done);
    }
}
