using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Refuses modes that this version does not have: a server that silently ran alone would split a cluster.</summary>
internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options) =>
        options.Mode == ClusterOptions.Embedded
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{ClusterOptions.Section}:Mode is '{options.Mode}'; this version supports only 'embedded' (one process, SQLite in Sfu:DataDirectory).");
}
