using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>The FFmpeg libraries as a whole: whether they are those that the bindings describe.</summary>
public static class AvLibrary
{
    private static readonly Lazy<string> LoadedVersion = new(Load);

    /// <summary>FFmpeg's version, for the derivation's manifest.</summary>
    /// <exception cref="AvException">A library is missing or another than the bindings describe.</exception>
    public static string Version => LoadedVersion.Value;

    /// <summary>Loads and silences the libraries; to be called before anything else of them.</summary>
    internal static void EnsureLoaded() => _ = LoadedVersion.Value;

    private static string Load()
    {
        try
        {
            (uint util, uint codec, uint format, uint filter) = (LibAvUtil.Version() >> 16, LibAvCodec.Version() >> 16, LibAvFormat.Version() >> 16, LibAvFilter.Version() >> 16);
            if ((util, codec, format, filter) != (57, 59, 59, 8))
                throw new AvException($"FFmpeg's libraries have the versions {util}, {codec}, {format}, {filter}; 57, 59, 59, 8 are needed");
        }
        catch (DllNotFoundException missing)
        {
            throw new AvException($"FFmpeg 5.1 is not installed (Debian: libavformat59, libavfilter8): {missing.Message}");
        }
        // One line per bad packet on stderr otherwise; what matters comes back as a result.
        LibAvUtil.SetLogLevel(AvLayout.LogQuiet);
        return Marshal.PtrToStringUTF8(LibAvUtil.VersionText()) ?? "";
    }
}
