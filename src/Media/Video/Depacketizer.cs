namespace Sfu.Media.Video;

/// <summary>Turns the payloads of one codec, given in order and without a hole inside a layer frame, into what decoders take, and knows
/// which frames need which.</summary>
/// <remarks>Calls for each layer frame: <see cref="Read"/> and <see cref="Append"/> for each packet, <see cref="BeginLayer"/> between
/// those of the first, <see cref="EndLayer"/> at the end or <see cref="AbortLayer"/> instead of it.</remarks>
/// <param name="buffer">Where the frame grows; the caller takes back what is not used.</param>
internal abstract class Depacketizer(FrameBuffer buffer)
{
    /// <summary>Where the frame grows.</summary>
    protected FrameBuffer Buffer { get; } = buffer;

    /// <summary>Parameter sets that were seen; null for a codec without any.</summary>
    public virtual VideoParameterSets? ParameterSets => null;

    /// <summary>Every packet tells where layer frames begin, so that one may be whole although others of its picture are not.</summary>
    public abstract bool HasLayerFrames { get; }

    /// <summary>No frame is decodable until a key frame comes.</summary>
    public abstract bool NeedsKeyFrame { get; }

    /// <summary>Looks at a packet.</summary>
    /// <param name="payload">Not empty; hostile.</param>
    /// <param name="marker">RTP marker.</param>
    /// <param name="descriptor">Its dependency descriptor; may be empty.</param>
    /// <param name="role">Valid only for <see cref="DropReason.None"/>.</param>
    public abstract DropReason Read(ReadOnlySpan<byte> payload, bool marker, ReadOnlySpan<byte> descriptor, out PacketRole role);

    /// <summary>The packet that was read begins a layer frame.</summary>
    /// <param name="isBehindHole">What was before it is not known.</param>
    public abstract void BeginLayer(bool isBehindHole);

    /// <summary>Appends the content of the packet that was read.</summary>
    /// <returns>False when it does not fit what was before: the layer frame is to be aborted.</returns>
    public abstract bool Append(ReadOnlySpan<byte> payload);

    /// <summary>The layer frame is complete.</summary>
    public abstract LayerVerdict EndLayer(out LayerFacts facts);

    /// <summary>The layer frame will not become complete.</summary>
    public virtual void AbortLayer()
    {
    }

    /// <summary>Something is missing since the layer frame that ended last.</summary>
    /// <param name="packets">How many packets; 0 when they came but were of no use.</param>
    public abstract void OnLoss(long packets);

    /// <summary>The picture is complete: adds what belongs around its layer frames.</summary>
    public virtual void FinishPicture()
    {
    }
}
