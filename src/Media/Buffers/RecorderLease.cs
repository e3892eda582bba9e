using Sfu.Media.Time;

namespace Sfu.Media.Buffers;

/// <summary>The recorder's word that it keeps up: tracks that must be recorded are forwarded only while it holds.</summary>
/// <remarks>Renewed by the recorder's thread, read by media workers for each packet of such a track; one 64-bit word, no lock. It begins
/// expired, so that what must be recorded stays closed until a recorder says that it records.</remarks>
public sealed class RecorderLease
{
    private long _freshUntil = long.MinValue;

    /// <summary>True while the recorder keeps up.</summary>
    /// <param name="now">The time of the same clock as <see cref="Renew"/> was told.</param>
    public bool IsFresh(MediaTime now) => now.Nanoseconds < Volatile.Read(ref _freshUntil);

    /// <summary>It holds until then.</summary>
    public void Renew(MediaTime until) => Volatile.Write(ref _freshUntil, until.Nanoseconds);

    /// <summary>It holds no longer.</summary>
    public void Expire() => Volatile.Write(ref _freshUntil, long.MinValue);
}
