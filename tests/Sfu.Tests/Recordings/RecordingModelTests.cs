using CsCheck;
using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>Random commands, faults of recorder and store, crashes and other activations: at most one recording of a room is open, nothing
/// is ordered that is not durable, and a call that must be recorded is let in only when it is.</summary>
public sealed class RecordingModelTests
{
    private const int Operations = 15;

    [Fact]
    public void RandomLife_KeepsTheRules() =>
        Gen.Select(Gen.Int[0, Operations - 1], Gen.Int[0, 7]).List[1, 60].Sample(
            steps => RunAsync(steps).GetAwaiter().GetResult(), iter: 3000, print: steps => string.Join(' ', steps));

    private static async Task RunAsync(List<(int Operation, int Value)> steps)
    {
        var rig = new RecordingRig();
        int life = 1;
        rig.Recorder.OnCommand = (command, id) => AssertDurable(rig, command, id);
        foreach ((int operation, int value) in steps)
        {
            switch (operation)
            {
                case 0 or 1:
                    await EnsureAsync(rig, (RecordingPolicy)(1 + (value & 1)), life);
                    break;
                case 2:
                    await rig.Keeper.PauseAsync(null, new PauseWish(Who(value), (PauseReason)(value % 5), "", value > 5 ? TimeSpan.FromSeconds(3) : null), RoomActor.Server);
                    break;
                case 3:
                    await rig.Keeper.ResumeAsync(null, Who(value), RoomActor.Server);
                    break;
                case 4:
                    await rig.Keeper.StopAsync(null, RoomActor.Server);
                    break;
                case 5 or 6:
                    await rig.TickAsync(1 + value);
                    break;
                case 7:
                    foreach (Guid id in rig.Recorder.Running.Keys.ToArray())
                        rig.Recorder.Running[id] = new NodeRecordingHealth((NodeRecordingState)(1 + (value & 3)), RecordingCause.DiskFull);
                    break;
                case 8:
                    rig.Recorder.Unavailable = value < 3 ? RecordingCause.RecorderDown : null;
                    break;
                case 9:
                    rig.Recorder.Refuses = value < 3 ? RecordingCause.Keys : null;
                    break;
                case 10:
                    rig.Recorder.Fails = value < 3;
                    break;
                case 11:
                    rig.Store.NextWriteFails = (value & 1) == 0 ? "before" : "after";
                    break;
                case 12:
                    await RestartAsync(rig, crash: (value & 1) == 0);
                    break;
                case 13:
                    life += value & 1;
                    break;
                case 14:
                    rig.RoomIsAway = value < 3;
                    break;
            }

            AssertRules(rig);
        }

        await SettleAsync(rig);
    }

    private static async Task EnsureAsync(RecordingRig rig, RecordingPolicy policy, int life)
    {
        RecordingAnswer answer = await rig.Keeper.EnsureAsync(RecordingRig.Demand(policy, $"RM_{life}"));
        Assert.True(answer.Recording is null != answer.Error is null);
        if (policy != RecordingPolicy.Required || answer.Recording is not { } recording) return;
        // Who is let in is recorded: durable, and the recorder runs it.
        Assert.True(rig.Recorder.Running.ContainsKey(recording.Id));
        Assert.Contains(rig.Stored(recording.Id).Phase, new[] { RecordingPhase.Active, RecordingPhase.Degraded });
        Assert.Equal(RecordingPolicy.Required, rig.Stored(recording.Id).Policy);
    }

    private static async Task RestartAsync(RecordingRig rig, bool crash)
    {
        // As Orleans does: an activation that cannot load is tried again.
        for (int i = 0; i < 3 && await rig.RestartAsync(crash) is not null; i++) crash = false;
    }

    private static void AssertDurable(RecordingRig rig, string command, Guid id)
    {
        RecordingState stored = rig.Stored(id);
        bool holds = command switch
        {
            "start" => stored.Phase is RecordingPhase.Arming or RecordingPhase.Recovering or RecordingPhase.Suspended,
            "pause" => stored.Pauses.Count > 0,
            "resume" => RecordingPhases.IsOpen(stored.Phase),
            _ => stored.Phase is RecordingPhase.Sealing or RecordingPhase.Arming, // Arming: the undoing of an order that failed
        };
        Assert.True(holds, $"{command} while {stored.Phase}");
    }

    private static void AssertRules(RecordingRig rig)
    {
        Assert.True(rig.Store.States.Values.Count(state => RecordingPhases.IsOpen(state.Phase)) <= 1, "two recordings are open");
        RecordingState? open = rig.Store.States.Values.FirstOrDefault(state => RecordingPhases.IsOpen(state.Phase));
        foreach (Guid running in rig.Recorder.Running.Keys)
            Assert.True(running == open?.Id || rig.Stored(running).Phase is RecordingPhase.Sealing or RecordingPhase.Refused, $"{rig.Stored(running).Phase} runs");
        foreach (RecordingState state in rig.Store.States.Values)
            Assert.True(state.Phase != RecordingPhase.Suspended || state.SuspendedSince is not null);
    }

    /// <summary>When everything works again and the room ends, all is sealed, and the room knows.</summary>
    private static async Task SettleAsync(RecordingRig rig)
    {
        (rig.Recorder.Unavailable, rig.Recorder.Refuses, rig.Recorder.Fails, rig.RoomIsAway) = (null, null, false, false);
        rig.Store.NextWriteFails = null;
        await RestartAsync(rig, crash: false);
        await rig.Keeper.EnsureAsync(RecordingRig.Demand(RecordingPolicy.BestEffort, "RM_end"));
        await rig.TickAsync(3);
        await rig.Keeper.StopAsync(null, RoomActor.Server);
        await rig.TickAsync(8);
        Assert.All(rig.Store.States.Values, state => Assert.True(RecordingPhases.IsOver(state.Phase), state.Phase.ToString()));
        Assert.False(rig.Keeper.IsBusy);
    }

    private static ParticipantId? Who(int value) => (value & 1) == 0 ? null : new ParticipantId("PA_1");
}
