using System.Text.Json;

namespace Sfu.Observability;

/// <summary>Label values come from enums only: closed sets, in snake_case.</summary>
internal static class LabelValues
{
    /// <summary>The value of one member.</summary>
    public static string Of<T>(T member)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());

    /// <summary>One child per member, made by <paramref name="child"/>, indexed by the member's number (which must count from 0).</summary>
    public static TChild[] Children<T, TChild>(Func<string, TChild> child)
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(member => child(Of(member)))];
}
