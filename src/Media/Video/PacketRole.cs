namespace Sfu.Media.Video;

/// <summary>What one packet is to the layer frame it belongs to. A layer frame is a frame, or with spatial layers inside one stream the
/// part of a picture that is one layer.</summary>
/// <param name="IsStart">It begins a layer frame, whatever was before it.</param>
/// <param name="CanStart">It begins one if the packet before it ended one.</param>
/// <param name="IsEnd">It ends a layer frame.</param>
internal readonly record struct PacketRole(bool IsStart, bool CanStart, bool IsEnd);
