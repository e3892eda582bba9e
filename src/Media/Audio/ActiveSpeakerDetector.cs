using Sfu.Media.Time;

namespace Sfu.Media.Audio;

/// <summary>Decides who speaks in a room: one dominant speaker, and the list of all who are loud at the moment.</summary>
/// <remarks>The dominant speaker is found on three time scales (Volfin and Cohen 2013; thresholds as in Jitsi and
/// mediasoup): the newest 20 ms, the newest 100 ms and the last second. A challenger must beat the present one on all three, so
/// that a cough or one loud word does not take over. Owned by one media worker; told the time; no allocation in <see cref="Poll"/>.</remarks>
/// <param name="maxSpeakers">Producers it takes, 1 or more.</param>
public sealed class ActiveSpeakerDetector(int maxSpeakers)
{
    /// <summary>How often it decides.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private const double ImmediateLead = 3;            // natural logarithms of score ratios
    private const double MediumLead = 2;
    private const double LongLead = 0;

    private readonly List<SpeakerActivity> _all = [];
    private SpeakerActivity[] _speaking = new SpeakerActivity[8];
    private SpeakerActivity[] _before = new SpeakerActivity[8];
    private int _speakingCount;
    private int _beforeCount;
    private bool _removed;

    /// <summary>Who speaks most; null while nobody has spoken, or after the one who did was removed.</summary>
    public SpeakerActivity? Dominant { get; private set; }

    /// <summary>Who is loud now, loudest first. Valid until the next call.</summary>
    public ReadOnlySpan<SpeakerActivity> Speaking => _speaking.AsSpan(0, _speakingCount);

    /// <summary>When to call <see cref="Poll"/>; <see cref="MediaTime.Never"/> without producers.</summary>
    public MediaTime NextDeadline { get; private set; } = MediaTime.Never;

    /// <summary>Adds an audio producer.</summary>
    /// <param name="now">The time.</param>
    /// <param name="owner">Given back as <see cref="SpeakerActivity.Owner"/>.</param>
    /// <returns>Where its levels go, or null when there are too many.</returns>
    public SpeakerActivity? Add(MediaTime now, object owner)
    {
        if (_all.Count >= maxSpeakers) return null;
        var activity = new SpeakerActivity(owner);
        _all.Add(activity);
        if (_all.Count > _speaking.Length)
        {
            Array.Resize(ref _speaking, _all.Count * 2);
            Array.Resize(ref _before, _all.Count * 2);
        }
        if (NextDeadline.IsNever) NextDeadline = now + Interval;
        return activity;
    }

    /// <summary>Removes a producer; when it was dominant or speaking the next <see cref="Poll"/> says so.</summary>
    public void Remove(SpeakerActivity activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        if (!_all.Remove(activity)) return;
        _removed |= activity == Dominant || activity.IsSpeaking;
        if (activity == Dominant) Dominant = null;
        if (_all.Count == 0 && !_removed) NextDeadline = MediaTime.Never;
    }

    /// <summary>Decides, when it is time.</summary>
    /// <returns>True when the dominant speaker, the set of speakers or their order changed.</returns>
    public bool Poll(MediaTime now)
    {
        if (now < NextDeadline) return false;
        NextDeadline = _all.Count == 0 ? MediaTime.Never : now + Interval;
        foreach (SpeakerActivity activity in _all) activity.Evaluate(now);
        SpeakerActivity? dominant = Dominant;
        Dominant = FindChallenger() ?? dominant;
        ListSpeaking();
        bool changed = _removed || Dominant != dominant || !Speaking.SequenceEqual(_before.AsSpan(0, _beforeCount));
        _removed = false;
        return changed;
    }

    private SpeakerActivity? FindChallenger()
    {
        // While nobody is dominant a challenger has to beat silence.
        double immediate = Dominant?.ImmediateScore ?? SpeakerActivity.Immediate[0];
        double medium = Dominant?.MediumScore ?? SpeakerActivity.Medium[0];
        double longest = Dominant?.LongScore ?? SpeakerActivity.Long[0];
        SpeakerActivity? best = null;
        double bestLead = MediumLead;
        foreach (SpeakerActivity activity in _all)
        {
            if (activity == Dominant) continue;
            double lead = Math.Log(activity.MediumScore / medium);
            if (lead <= bestLead || Math.Log(activity.ImmediateScore / immediate) <= ImmediateLead || Math.Log(activity.LongScore / longest) <= LongLead)
                continue;
            best = activity;
            bestLead = lead;
        }
        return best;
    }

    private void ListSpeaking()
    {
        (_before, _speaking) = (_speaking, _before);
        _beforeCount = _speakingCount;
        _speakingCount = 0;
        foreach (SpeakerActivity activity in _all)
        {
            if (!activity.IsSpeaking) continue;
            int at = _speakingCount++;
            for (; at > 0 && _speaking[at - 1].Amplitude < activity.Amplitude; at--) _speaking[at] = _speaking[at - 1];
            _speaking[at] = activity;
        }
        Array.Clear(_before, _beforeCount, _before.Length - _beforeCount);
    }
}
