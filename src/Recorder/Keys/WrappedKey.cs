namespace Sfu.Recorder.Keys;

/// <summary>A wrapped key as it lies in the log and the vault.</summary>
/// <param name="Id">What it is for.</param>
/// <param name="Kek">Id of the key that wrapped it.</param>
/// <param name="Wrapped">60 bytes.</param>
public sealed record WrappedKey(TrackKeyId Id, string Kek, ReadOnlyMemory<byte> Wrapped);
