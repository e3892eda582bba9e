using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sfu.Security;

namespace Sfu.Tests.Hosting;

/// <summary>The shell examples of docs/api.md, run one after the other against the built server with the tools they name.</summary>
public sealed partial class DocumentedExamplesTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"sfu-examples-{Guid.NewGuid():N}");

    [Fact]
    public async Task Page_ShellExamples_AllSucceed()
    {
        Dictionary<string, string> blocks = Block().Matches(Repository.Read("docs/api.md"))
            .GroupBy(match => match.Groups[1].Value).ToDictionary(group => group.Key, group => string.Join('\n', group.Select(match => match.Groups[2].Value)));
        await using ServerProcess server = await ServerProcess.StartAsync($"DataDirectory={_data}");
        string secret = (await File.ReadAllTextAsync(Path.Combine(_data, DevelopmentSecret.FileName))).Trim();

        string rest = await RunAsync(server, secret, blocks["sh"]);

        string[] answers = [.. rest.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal("demo", JsonDocument.Parse(answers[0]).RootElement.GetProperty("name").GetString());
        Assert.Contains("\"kind\":\"room_locked\"", rest, StringComparison.Ordinal);

        // The participant's part needs one: the example's own token function makes its token.
        string functions = blocks["sh"][..blocks["sh"].IndexOf("sfu \"$BACKEND\"", StringComparison.Ordinal)];
        string token = await RunAsync(server, secret, $$"""{{functions}}{{"\n"}}token ann '{"room":"demo","roomJoin":true,"roomCreate":true}'""");
        using var ann = new ClientWebSocket();
        ann.Options.AddSubProtocol("sfu.v1");
        ann.Options.Proxy = null;
        await ann.ConnectAsync(new Uri($"{server.Url.Replace("http", "ws", StringComparison.Ordinal)}/ws?access_token={token.Trim()}"), CancellationToken.None);
        await ann.SendAsync("""{"type":"join","id":1,"v":1,"client":{"name":"test"}}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        byte[] buffer = new byte[64 * 1024];
        int length = (await ann.ReceiveAsync(buffer, CancellationToken.None)).Count;
        Assert.Contains("\"type\":\"joined\"", Encoding.UTF8.GetString(buffer, 0, length), StringComparison.Ordinal);

        string people = await RunAsync(server, secret, functions + blocks["sh-participant"]);

        Assert.Contains("\"name\":\"Ann B.\",\"metadata\":\"vip\"", people, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (Directory.Exists(_data)) Directory.Delete(_data, recursive: true);
    }

    private static async Task<string> RunAsync(ServerProcess server, string secret, string script)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SFU_URL"] = server.Url;
        start.Environment["SFU_KEY"] = DevelopmentSecret.KeyName;
        start.Environment["SFU_SECRET"] = secret;
        start.Environment["no_proxy"] = "127.0.0.1";
        using Process bash = Process.Start(start)!;
        // Answers end without a line feed: one is put behind each.
        await bash.StandardInput.WriteAsync(script.Replace("\nsfu ", "\necho; sfu ", StringComparison.Ordinal));
        bash.StandardInput.Close();
        Task<string> output = bash.StandardOutput.ReadToEndAsync();
        string error = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, $"{bash.ExitCode}: {error}\n{await output}");
        return await output;
    }

    [GeneratedRegex(@"```(sh|sh-participant)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
