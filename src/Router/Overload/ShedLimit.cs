namespace Sfu.Router.Overload;

/// <summary>What a worker's step leaves of one track. Sound has none.</summary>
/// <param name="Step">The worker's step.</param>
/// <param name="IsOff">Nothing of the track is sent.</param>
internal readonly record struct ShedLimit(ShedStep Step, bool IsOff)
{
    /// <summary>Of a video track.</summary>
    /// <param name="step">The worker's step.</param>
    /// <param name="isScreen">A shared screen: the last video to go.</param>
    /// <param name="isSpeakers">Of the participant who speaks.</param>
    internal static ShedLimit ForVideo(ShedStep step, bool isScreen, bool isSpeakers) =>
        new(step, step == ShedStep.AllVideo || !isScreen && (step == ShedStep.AllCameras || step == ShedStep.Cameras && !isSpeakers));

    /// <summary>Highest encoding that is sent, of <paramref name="count"/>; -1 for none.</summary>
    internal int Encoding(int count) =>
        IsOff ? -1
        : Step >= ShedStep.Encodings ? 0
        : Step == ShedStep.TopEncoding ? Math.Max(0, count - 2)
        : int.MaxValue;

    /// <summary>Highest temporal layer that is sent of a stream whose highest one is <paramref name="highest"/>.</summary>
    internal int TemporalLayer(int highest) =>
        Step >= ShedStep.TemporalLayers ? 0
        : Step == ShedStep.TopTemporalLayer ? Math.Max(0, highest - 1)
        : int.MaxValue;
}
