using System.Text.Json;

namespace Sfu.Media.Tests.Ice;

/// <summary>The first packets of one client, from tests/Vectors/first-packets.</summary>
/// <param name="Password">The ICE password the client was given.</param>
/// <param name="Checks">Its first STUN checks.</param>
/// <param name="ClientHello">The datagrams of its ClientHello.</param>
internal sealed record FirstPackets(string Password, IReadOnlyList<byte[]> Checks, IReadOnlyList<byte[]> ClientHello)
{
    public static FirstPackets Of(string client)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(VectorFolder.PathOf("first-packets", $"first-{client}.json")));
        JsonElement root = document.RootElement;
        return new FirstPackets(root.GetProperty("icePwd").GetString()!, Bytes(root.GetProperty("stun")), Bytes(root.GetProperty("dtls")));
    }

    private static List<byte[]> Bytes(JsonElement list) => [.. list.EnumerateArray().Select(hex => Convert.FromHexString(hex.GetString()!))];
}
