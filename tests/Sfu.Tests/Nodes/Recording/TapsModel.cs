using Sfu.Media.Time;
using Sfu.Recorder.Capture;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes.Recording;

/// <summary>What may be in the journal, by the rules as docs/recording.md says them: a log of who was masked since when, and no gate at all.</summary>
internal sealed class TapsModel
{
    /// <summary>What <c>RoomTaps</c> promises: from when on a change holds, and how much later the next one may come before they are one.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(20), Together = Lead + TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<ParticipantId, List<(MediaTime At, TapGate Gate)>> _history = [];

    public Guid? Live { get; set; }

    public RecordingPolicy Policy { get; set; }

    public ConsentMode Consent { get; set; }

    public bool IsRoomPaused { get; set; }

    /// <summary>Paused identities, by the id under which each was ordered.</summary>
    public Dictionary<ParticipantId, string> Pauses { get; } = [];

    /// <summary>Those of whom the recorder was told and who are there, or have a track still.</summary>
    public Dictionary<ParticipantId, (string Identity, ParticipantRecordingState State)> Known { get; } = [];

    /// <summary>Nothing of it may be recorded or held, ever.</summary>
    public bool IsExempt(ParticipantId who) => Known.TryGetValue(who, out var known) && known.State == ParticipantRecordingState.Exempt;

    /// <summary>Whether somebody may be recorded as everything stands now.</summary>
    public TapGate Now(ParticipantId who)
    {
        bool isKnown = Known.TryGetValue(who, out (string Identity, ParticipantRecordingState State) known);
        if (isKnown ? known.State is ParticipantRecordingState.ConsentPending or ParticipantRecordingState.Refused : Consent == ConsentMode.First) return TapGate.ConsentPending;
        bool isPaused = Pauses.ContainsKey(who) || (isKnown ? Pauses.ContainsValue(known.Identity) : Pauses.Count > 0);
        return IsRoomPaused || isPaused ? TapGate.Paused : TapGate.Open;
    }

    /// <summary>The recording begins, or another: nothing of before counts.</summary>
    public void Restart() => _history.Clear();

    /// <summary>Nothing is known of somebody any more.</summary>
    public void Forget(ParticipantId who)
    {
        Known.Remove(who);
        _history.Remove(who);
    }

    /// <summary>Notes how everybody stands after something happened.</summary>
    public void Note(IEnumerable<ParticipantId> everybody, MediaTime now)
    {
        foreach (ParticipantId who in everybody)
        {
            if (!_history.TryGetValue(who, out List<(MediaTime At, TapGate Gate)>? history)) _history.Add(who, history = []);
            if (history.Count == 0 || history[^1].Gate != Now(who)) history.Add((history.Count == 0 ? MediaTime.Zero : now + Lead, Now(who)));
        }
    }

    /// <summary>Whether something is to be in the journal.</summary>
    /// <param name="who">Whose it is.</param>
    /// <param name="receivedAt">When it came: before all that happened later, whenever it is looked at.</param>
    /// <returns>Null where changes followed each other so fast that either is right.</returns>
    public bool? IsKept(ParticipantId who, MediaTime receivedAt)
    {
        if (!_history.TryGetValue(who, out List<(MediaTime At, TapGate Gate)>? history)) return Now(who) == TapGate.Open;
        int last = history.Count - 1, holds = history.FindLastIndex(one => one.At <= receivedAt);
        if (history[holds].Gate != TapGate.Open) return false;
        if (holds == last || holds == last - 1 && history[last].At - history[holds].At >= Together) return true;
        return null;
    }
}
