namespace Sfu.Security;

/// <summary>The API keys of the configuration, before a development server makes its own.</summary>
/// <param name="Keys">May be empty.</param>
public sealed record ConfiguredKeys(IReadOnlyList<ApiKey> Keys);
