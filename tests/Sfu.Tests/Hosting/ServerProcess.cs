using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Sfu.Tests.Hosting;

/// <summary>The built server as a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly TaskCompletionSource<string> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _url.TrySetException(new InvalidOperationException("The server ended."));
    }

    /// <summary>Everything it wrote so far.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Starts it with these options (without <c>--Sfu:</c>) and waits until it listens.</summary>
    public static Task<ServerProcess> StartAsync(params string[] options) => StartByAsync([], options);

    /// <summary>The same by another program, which becomes the server.</summary>
    public static async Task<ServerProcess> StartByAsync(string[] program, params string[] options)
    {
        string[] command = [.. program, Path.Combine(AppContext.BaseDirectory, "Sfu")];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in command[1..]) start.ArgumentList.Add(word);
        string[] small = ["Http:Port=0", "Media:UdpPort=0", "Media:TcpPort=-1", "Media:Workers=1", "Media:WarmUp=false"];
        foreach (string option in small.Concat(options)) start.ArgumentList.Add($"--Sfu:{option}");
        var server = new ServerProcess(start);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        server.Url = await server._url.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return server;
    }

    /// <summary>Where it listens.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The kernel's lines on its living threads (proc_pid_stat(5)), by name.</summary>
    public IReadOnlyList<(string Name, string[] Fields)> ReadThreads() =>
        [.. Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Select(ReadThread).Where(thread => thread.Fields.Length > 0)];

    /// <summary>How often its living threads waited so far, and were woken.</summary>
    public long CountWakes() => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Sum(WakesOf);

    /// <summary>Sends SIGTERM.</summary>
    /// <returns>Its exit code and how long it took.</returns>
    public async Task<(int Code, TimeSpan Took)> TerminateAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        using (Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (_process.ExitCode, Stopwatch.GetElapsedTime(begin));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static (string Name, string[] Fields) ReadThread(string thread)
    {
        try
        {
            string line = File.ReadAllText(Path.Combine(thread, "stat"));
            int begin = line.IndexOf('('), end = line.LastIndexOf(')');
            return (line[(begin + 1)..end], line[(end + 2)..].Split(' '));
        }
        catch (IOException)
        {
            return ("", []);                               // it has just ended
        }
    }

    private static long WakesOf(string thread)
    {
        const string Field = "voluntary_ctxt_switches:";
        try
        {
            return long.Parse(File.ReadLines(Path.Combine(thread, "status")).First(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..], CultureInfo.InvariantCulture);
        }
        catch (Exception ended) when (ended is IOException or InvalidOperationException)
        {
            return 0;                                      // a thread that has just ended
        }
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
        int at = line.IndexOf("Listening on http", StringComparison.Ordinal);
        if (at >= 0) _url.TrySetResult(line[(at + "Listening on ".Length)..].Split(';', '"')[0]);
    }
}
