using System.Reflection;
using Microsoft.Extensions.Logging;
using Sfu.Hosting;

namespace Sfu.Tests.Observability;

/// <summary>Every log event has a number of its own, in the range of its part (docs/api.md).</summary>
public sealed class LogEventTests
{
    private static readonly (string Part, int First, int Last)[] Ranges =
    [
        ("Sfu.Hosting", 1000, 1099),
        ("Sfu.Nodes", 3100, 3199),
        ("Sfu.Rooms", 4100, 4199),
        ("Sfu.Signalling", 4200, 4299),
        ("Sfu.Recordings", 4300, 4399),
    ];

    private static readonly List<(string Method, string Space, int Id, string Message)> Events =
    [
        .. from type in typeof(ServerHost).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
           let attribute = method.GetCustomAttribute<LoggerMessageAttribute>()
           where attribute is not null
           select ($"{type.Name}.{method.Name}", type.Namespace!, attribute.EventId, attribute.Message),
    ];

    [Fact]
    public void Events_All_HaveANumberOfTheirOwn()
    {
        Assert.True(Events.Count > 20);
        Assert.Empty(Events.GroupBy(e => e.Id).Where(group => group.Count() > 1).Select(group => string.Join(" = ", group.Select(e => $"{e.Method} {e.Id}"))));
    }

    [Fact]
    public void Events_All_LieInTheRangeOfTheirPart() => Assert.All(Events, e => Assert.Contains(
        Ranges, range => (e.Space == range.Part || e.Space.StartsWith(range.Part + ".", StringComparison.Ordinal)) && e.Id >= range.First && e.Id <= range.Last));

    [Fact]
    public void Events_Messages_NameNoSecret() =>
        Assert.All(Events, e => Assert.DoesNotMatch("(?i)\\{[^}]*(secret|token|password|credential|ufrag|pwd)[^}]*\\}", e.Message));
}
