namespace Sfu.Recorder.Tests;

/// <summary>Tests that measure time or mount disks run while no other test of this project does.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
