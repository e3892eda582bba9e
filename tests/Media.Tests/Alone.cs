namespace Sfu.Media.Tests;

/// <summary>Tests that measure what their thread allocates run one at a time, after the others: see <see cref="Allocations"/>.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
