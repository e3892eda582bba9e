namespace Sfu.Security;

/// <summary>Reads <c>Sfu:ApiKeys</c>: <c>{key}</c> = secret, or <c>{key}:Secret</c> and <c>{key}:Tenant</c>.</summary>
public static class ApiKeyReader
{
    /// <summary>Section of the keys.</summary>
    public const string Section = "Sfu:ApiKeys";

    /// <summary>The configured keys, unchecked; in the order of the configuration.</summary>
    public static IReadOnlyList<ApiKey> Read(IConfiguration configuration) =>
        [.. configuration.GetSection(Section).GetChildren().Select(ToKey)];

    /// <summary>Sentences about what is wrong with the keys; empty when all are good.</summary>
    public static IReadOnlyList<string> Check(IConfiguration configuration)
    {
        List<string> problems = [.. Read(configuration).Select(ApiKeyRules.Check).OfType<string>()];
        foreach (IConfigurationSection key in configuration.GetSection(Section).GetChildren())
        {
            problems.AddRange(key.GetChildren()
                .Where(child => !child.Key.Equals("Secret", StringComparison.OrdinalIgnoreCase) && !child.Key.Equals("Tenant", StringComparison.OrdinalIgnoreCase))
                .Select(child => $"{child.Path} is no option; a key has Secret and Tenant."));
        }

        return problems;
    }

    private static ApiKey ToKey(IConfigurationSection section) =>
        new(section.Key, new Secret(section.Value ?? section["Secret"] ?? ""), section["Tenant"] ?? ApiKey.DefaultTenant);
}
