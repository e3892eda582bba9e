using Sfu.Recorder.Derivation;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>Runs derivation jobs of synthetic recordings.</summary>
internal static class Derivations
{
    private static readonly CompositeOptions Small = new() { Width = 640, Height = 360, Preset = "ultrafast" };

    /// <summary>Makes the derivation <c>d1</c>; its progress must go from small to 1.</summary>
    internal static (string Folder, DerivationManifest Manifest) Run(SyntheticRecording recording, string root, DerivationKind kind, int? track = null, bool withSound = false,
        CompositeLayout layout = default, CompositeOptions? composite = null)
    {
        var request = new DerivationRequest { Id = "d1", Kind = kind, Track = track, WithSound = withSound, Layout = layout, Composite = composite ?? Small };
        var told = new List<double>();
        string made = new DerivationJob(recording, request, root, told.Add).Run(CancellationToken.None);
        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1]);
        return (made, DerivationManifest.Read(File.ReadAllBytes(Path.Combine(made, DerivationManifest.FileName))));
    }
}
