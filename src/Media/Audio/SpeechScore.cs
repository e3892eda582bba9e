namespace Sfu.Media.Audio;

/// <summary>Log-likelihood that so many of so many parts of a time span held speech: the score of one time scale of
/// <see cref="ActiveSpeakerDetector"/> (Volfin and Cohen, "Dominant speaker identification for multipoint videoconferencing", 2013).</summary>
internal sealed class SpeechScore
{
    private const double Least = 1e-10;
    private readonly double[] _scores;

    /// <summary>Computes the scores of one scale.</summary>
    /// <param name="parts">Parts of the span.</param>
    /// <param name="rate">Rate of the exponential distribution of silence: larger for longer spans.</param>
    public SpeechScore(int parts, double rate)
    {
        _scores = new double[parts + 1];
        double logChoices = 0;                         // ln of "parts choose active"
        for (int active = 0; active <= parts; active++)
        {
            _scores[active] = Math.Max(Least, logChoices + parts * Math.Log(0.5) - Math.Log(rate) + rate * active);
            logChoices += Math.Log((double)(parts - active) / (active + 1));
        }
    }

    /// <summary>The score, never below 1e-10.</summary>
    public double this[int active] => _scores[active];
}
