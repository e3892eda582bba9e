namespace Sfu.Recorder.Derivation;

/// <summary>One file of a derivation, as its manifest tells.</summary>
/// <param name="Name">In the folder of the derivation.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash, lower-case hexadecimal.</param>
/// <param name="Track">Track number; 0 for several.</param>
/// <param name="Encoding">Simulcast encoding; empty without simulcast.</param>
/// <param name="Participant">Identity; empty for several.</param>
/// <param name="Reason">Why it begins where it does.</param>
/// <param name="StartMs">Where its time 0 lies, from the start of the recording.</param>
/// <param name="DurationMs">Its length.</param>
/// <param name="Video">Codec of the pictures, or null.</param>
/// <param name="Audio">Codec of the sound, or null.</param>
/// <param name="VideoFrames">Pictures in it.</param>
/// <param name="AudioPackets">Audio packets, of WAV samples per channel.</param>
/// <param name="Rotation">Degrees by which the pictures are to be turned clockwise.</param>
/// <param name="TurnedFrames">Pictures at its end that are to be turned otherwise: the phone was turned, a new file can begin at a key frame only.</param>
/// <param name="LeftOutFrames">Pictures before its first key frame that were left out.</param>
/// <param name="LeftOutMs">How long they would have lasted.</param>
public sealed record DerivedFile(
    string Name, long Bytes, string Sha256, int Track, string Encoding, string Participant, string Reason, double StartMs, double DurationMs,
    string? Video, string? Audio, long VideoFrames, long AudioPackets, int Rotation, long TurnedFrames, long LeftOutFrames, double LeftOutMs);
