namespace Sfu.Media.Video;

/// <summary>Decodability where frames do not say what they need: each may need all since the last key frame.</summary>
internal sealed class ContinuityChain
{
    private int _recovering;

    /// <summary>Nothing is missing since a frame that decoding could begin with.</summary>
    public bool IsIntact { get; private set; }

    /// <summary>Something is missing.</summary>
    public void Break() => IsIntact = false;

    /// <summary>Takes the next frame.</summary>
    /// <param name="isKeyFrame">It needs no other one.</param>
    /// <param name="recoveryFrames">Frames from here until the picture is right without any earlier one, or -1 when it is no such point.</param>
    /// <param name="isRecovering">Decodable, but not right yet.</param>
    /// <returns>True when it is decodable.</returns>
    public bool Accept(bool isKeyFrame, int recoveryFrames, out bool isRecovering)
    {
        if (isKeyFrame)
        {
            IsIntact = true;
            _recovering = 0;
        }
        else if (!IsIntact && recoveryFrames >= 0)
        {
            IsIntact = true;
            _recovering = recoveryFrames;
        }
        isRecovering = IsIntact && _recovering > 0;
        if (isRecovering) _recovering--;
        return IsIntact;
    }
}
