using Sfu.Media.Time;

namespace Sfu.Router.Overload;

/// <summary>Decides how much a worker sheds: one step more after two late windows in a row, or after one in which it
/// was very late; one step less after two calm seconds, or after longer when that was too early before.</summary>
/// <remarks>Owned by one media worker. Told the times; does no I/O and reads no clock. One late window (a pause of the runtime, a burst
/// of joins) changes nothing.</remarks>
internal sealed class ShedController(ShedBounds bounds, MediaTime start)
{
    private readonly BusyMeasure _busy = new(ShedBounds.Window, start);
    private long _packets;
    private long _latePackets;
    private long _veryLatePackets;
    private int _timerTurns;
    private int _lateTimerTurns;
    private TimeSpan _timerLate;
    private uint _kernelDrops;
    private int _lateWindows;
    private MediaTime _calmSince = start;
    private MediaTime _changedAt = start;
    private bool _hasRisen;                                // the last change was a step back
    private TimeSpan _riseAfter = ShedBounds.RiseAfter;

    /// <summary>What is shed.</summary>
    internal ShedStep Step { get; private set; }

    /// <summary>Why it changed last.</summary>
    internal ShedCause Cause { get; private set; }

    /// <summary>Share of the last window in which the worker was not waiting, 0 to 1.</summary>
    internal double Busy => _busy.Share;

    /// <summary>Calm time that the next step back takes.</summary>
    internal TimeSpan RisesAfter => _riseAfter;

    /// <summary>Takes what a turn measured.</summary>
    /// <returns>True when <see cref="Step"/> has changed, always by one.</returns>
    internal bool OnTurn(MediaTime now, in TurnMeasure turn)
    {
        _packets += turn.Packets;
        if (turn.Age > bounds.LateAfter) _latePackets += turn.Packets;
        if (turn.Age > ShedBounds.VeryLate * bounds.LateAfter) _veryLatePackets += turn.Packets;
        if (turn.HadTimers) _timerTurns++;
        if (turn.TimerLate > 2 * bounds.LateAfter) _lateTimerTurns++;
        if (turn.TimerLate > _timerLate) _timerLate = turn.TimerLate;
        _kernelDrops += turn.KernelDrops;
        return _busy.OnTurn(now, turn.Idle) && EndWindow(now);
    }

    private bool EndWindow(MediaTime now)
    {
        bool isChanged = bounds.IsEnabled && (IsLate(out ShedCause cause) ? OnLate(now, cause) : OnKeptUp(now));
        _timerLate = TimeSpan.Zero;
        _packets = _latePackets = _veryLatePackets = 0;
        _timerTurns = _lateTimerTurns = 0;
        _kernelDrops = 0;
        return isChanged;
    }

    private bool IsLate(out ShedCause cause)
    {
        cause = _kernelDrops > 0 ? ShedCause.SocketDrops
            : _packets > 0 && _latePackets >= _packets * ShedBounds.LateShare ? ShedCause.PacketAge
            : _lateTimerTurns > 0 && _lateTimerTurns >= _timerTurns * ShedBounds.LateShare ? ShedCause.TimersLate
            : ShedCause.Recovered;
        return cause != ShedCause.Recovered && Busy >= ShedBounds.LateBusy;
    }

    private bool OnLate(MediaTime now, ShedCause cause)
    {
        _calmSince = now;
        bool isVeryLate = _packets > 0 && _veryLatePackets >= _packets * ShedBounds.LateShare;
        if (++_lateWindows < (isVeryLate ? 1 : ShedBounds.LateWindows) || Step == ShedStep.AllVideo) return false;
        if (_hasRisen && now - _changedAt < ShedBounds.Trial)
            _riseAfter = _riseAfter * 2 < ShedBounds.MaxRiseAfter ? _riseAfter * 2 : ShedBounds.MaxRiseAfter;
        Change(now, Step + 1, cause);
        return true;
    }

    private bool OnKeptUp(MediaTime now)
    {
        _lateWindows = 0;
        bool isCalm = Busy < ShedBounds.CalmBusy && _kernelDrops == 0 && _timerLate <= bounds.LateAfter
            && _latePackets <= _packets * ShedBounds.CalmShare;
        if (!isCalm) _calmSince = now;
        if (Step == ShedStep.None)
        {
            if (now - _changedAt >= ShedBounds.MaxRiseAfter) _riseAfter = ShedBounds.RiseAfter;
            return false;
        }

        if (now - _calmSince < _riseAfter || now - _changedAt < _riseAfter) return false;
        Change(now, Step - 1, ShedCause.Recovered);
        return true;
    }

    private void Change(MediaTime now, ShedStep step, ShedCause cause)
    {
        _hasRisen = step < Step;
        Step = step;
        Cause = cause;
        _changedAt = _calmSince = now;
        _lateWindows = 0;
    }
}
