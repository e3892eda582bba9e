namespace Sfu.Media.Video;

/// <summary>Where one NAL unit or OBU lies in a frame's bytes.</summary>
/// <param name="Offset">Of its first byte, behind the start code or length: a NAL unit's or OBU's header.</param>
/// <param name="Length">In bytes.</param>
public readonly record struct FrameUnit(int Offset, int Length);
