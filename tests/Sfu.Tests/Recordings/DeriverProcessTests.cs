using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sfu.Configuration;
using Sfu.Recordings;
using Sfu.Recordings.Derivations;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>The program that derives, played by shell scripts: what it is given, and what becomes of what it says.</summary>
public sealed class DeriverProcessTests : IDisposable
{
    private const string Key = "1 7 00112233";
    private const string ReadKeys = """while read -r line && [ -n "$line" ]; do echo "$line" >> "$0.keys"; done""";
    private const string Make = """mkdir -p "$1/derived/$4" && printf abc > "$1/derived/$4/track-01.1.webm" """;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("sfu-deriver-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly List<double> _progress = [];
    private readonly Derivation _derivation = new()
    {
        Id = Guid.CreateVersion7(),
        Recording = Guid.CreateVersion7(),
        Tenant = "acme",
        Wish = new DerivationWish(DerivationKind.Track, 3, null, DerivationFormat.Mkv),
        RequestedAt = TestData.Start,
    };

    private string Output => DerivationQueue.FolderOf(_folder, _derivation.Id);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Derive_Made_GivesKeysTakesProgressAndFiles()
    {
        IReadOnlyList<DerivedFile> files = await RunAsync($$"""
            echo "$@" > "$0.call"; env > "$0.env"; {{ReadKeys}}
            echo '{"progress":0.25}'; echo '{"progress":1}'
            {{Make}}; echo '{{Manifest(3)}}' > "$1/derived/$4/derivation.json"; echo '{"folder":"x"}'
            """);

        Assert.Equal(new DerivedFile("track-01.1.webm", 3, "ff", 1, 250, 4000), Assert.Single(files));
        Assert.Equal([0.25, 1], _progress);
        Assert.Equal(Key + "\n", await SaidAsync("keys"));
        Assert.Equal($"{_folder} --replace --id {_derivation.Id} --kind track --track 3 --format mkv\n", await SaidAsync("call"));
        Assert.DoesNotContain("00112233", await SaidAsync("call") + await SaidAsync("env"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Derive_ServersSecretsInTheEnvironment_AreNotHandedOn()
    {
        string secret = new('h', 40);                          // good as a key: servers of other tests read it meanwhile
        Environment.SetEnvironmentVariable("Sfu__ApiKeys__deriver", secret);
        try
        {
            await Assert.ThrowsAsync<DerivationException>(() => RunAsync("""env > "$0.env"; exit 1"""));
            Assert.DoesNotContain(secret, await SaidAsync("env"), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("Sfu__ApiKeys__deriver", null);
        }
    }

    [Theory]
    [InlineData("""echo '{"error":"e","reason":"nothing_to_derive"}'; exit 2""", DerivationFailure.NothingToDerive)]
    [InlineData("""echo '{"error":"e","reason":"evidence_unreadable"}'; exit 2""", DerivationFailure.EvidenceUnreadable)]
    [InlineData("""echo '{"error":"e","reason":"disk"}'; exit 1""", DerivationFailure.Disk)]
    [InlineData("""echo '{"error":"e","reason":"failed"}'; exit 1""", DerivationFailure.ProgramFailed)]
    [InlineData("kill -SEGV $$", DerivationFailure.ProgramFailed)]
    [InlineData("echo no json; cat", DerivationFailure.ProgramFailed)]
    [InlineData("""head -c 9000 /dev/zero | tr '\0' x; cat""", DerivationFailure.ProgramFailed)]
    [InlineData("""echo '{"folder":"x"}'""", DerivationFailure.ProgramFailed)]
    public async Task Derive_ProgramFails_SaysWhyAndLeavesNothing(string script, DerivationFailure reason)
    {
        DerivationException e = await Assert.ThrowsAsync<DerivationException>(() => RunAsync($"{ReadKeys}; {Make}; mkdir $1/derived/$4.partial; {script}"));

        Assert.Equal(reason, e.Reason);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(Output)!));
    }

    [Theory]
    [InlineData(4, "track-01.1.webm")]
    [InlineData(3, "../derivation.json")]
    [InlineData(3, "absent.webm")]
    public async Task Derive_FilesAreNotWhatTheManifestSays_Fails(long bytes, string name)
    {
        DerivationException e = await Assert.ThrowsAsync<DerivationException>(() => RunAsync(
            $$"""{{ReadKeys}}; {{Make}}; echo '{{Manifest(bytes, name)}}' > "$1/derived/$4/derivation.json"; echo '{"folder":"x"}'"""));

        Assert.Equal(DerivationFailure.ProgramFailed, e.Reason);
    }

    [Fact]
    public async Task Derive_NoProgress_IsEndedAndRemoved()
    {
        // It does not end by itself when its input is closed.
        Task<IReadOnlyList<DerivedFile>> running = RunAsync($$"""trap '' TERM; {{ReadKeys}}; mkdir -p $1/derived/$4.partial; echo '{"progress":0.5}'; exec sleep 600""");
        await Eventually.TrueAsync(() => _progress.Count == 1);

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(running.IsCompleted);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            return running.IsCompleted;
        });

        Assert.Equal(DerivationFailure.Stalled, (await Assert.ThrowsAsync<DerivationException>(() => running)).Reason);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(Output)!));
    }

    [Fact]
    public async Task Derive_TheSameProgressAgain_IsALifeSign()
    {
        // It hashes for twenty minutes: says the same for each line that it gets, and nothing between.
        using var keys = new SlowKeys(5);
        Task<IReadOnlyList<DerivedFile>> running = RunAsync($$"""
            while read -r line && [ -n "$line" ]; do echo '{"progress":0}'; done
            {{Make}}; echo '{{Manifest(3)}}' > "$1/derived/$4/derivation.json"; echo '{"folder":"x"}'
            """, keys);
        for (int i = 1; i <= 5; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(4));
            keys.Next.Release();
            await Eventually.TrueAsync(() => _progress.Count == i || running.IsCompleted);
        }

        Assert.Single(await running.WaitAsync(Patience));
        Assert.Equal([0, 0, 0, 0, 0], _progress);
    }

    [Fact]
    public async Task Derive_ServerStops_ClosesTheInputAndRemoves()
    {
        using var stop = new CancellationTokenSource();
        Task<IReadOnlyList<DerivedFile>> running = RunAsync(
            $$"""{{ReadKeys}}; mkdir -p $1/derived/$4.partial; echo '{"progress":0.5}'; cat; echo closed > "$0.end"; exit 3""", cancellation: stop.Token);
        await Eventually.TrueAsync(() => _progress.Count == 1);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Patience));
        Assert.Equal("closed\n", await SaidAsync("end"));
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(Output)!));
    }

    [Fact]
    public async Task Derive_NoKeyIsLeft_SaysSo()
    {
        DerivationException e = await Assert.ThrowsAsync<DerivationException>(() => RunAsync("cat; exit 2", new Keys { Lines = "" }));
        Assert.Equal(DerivationFailure.KeysMissing, e.Reason);
    }

    [Fact]
    public async Task Derive_NoProgram_SaysSo()
    {
        using var stop = new CancellationTokenSource(Patience);
        var deriver = new DeriverProcess(new Keys(), Options.Create(new RecordingOptions()), _time, NullLogger<DeriverProcess>.Instance) { Program = Path.Combine(_folder, "absent") };
        DerivationException e = await Assert.ThrowsAsync<DerivationException>(() => deriver.DeriveAsync(_derivation, _folder, Output, new Reporter(_progress), stop.Token));
        Assert.Equal(DerivationFailure.ProgramMissing, e.Reason);
    }

    [Fact]
    public void Arguments_Composite_NamesTheLayoutOnly()
    {
        Derivation composite = _derivation with { Wish = new DerivationWish(DerivationKind.Composite, null, DerivationLayout.ActiveSpeaker, DerivationFormat.Mp4) };
        Assert.Equal(["/e", "--replace", "--id", $"{_derivation.Id}", "--kind", "composite", "--layout", "speaker"], DeriverProcess.Arguments(composite, "/e"));
    }

    private static string Manifest(long bytes, string name = "track-01.1.webm") => $$"""
        {"v":"sfu-der/1","id":"d","recording":"r","kind":"track","layout":null,"startUtc":"2026-01-01T00:00:00.000Z","lengthMs":5000,"tool":"1","ffmpeg":"5","filters":[],"sources":[],"unreadableChunks":0,"unusableFrames":0,"clocks":[],"files":[{"name":"{{name}}","bytes":{{bytes}},"sha256":"ff","track":1,"encoding":"","participant":"ann","reason":"start","startMs":250,"durationMs":4000,"video":"vp8","audio":null,"videoFrames":1,"audioPackets":0,"rotation":0,"leftOutFrames":0,"leftOutMs":0}]}
        """.Trim();

    private Task<IReadOnlyList<DerivedFile>> RunAsync(string script, IDerivationKeys? keys = null, CancellationToken cancellation = default)
    {
        string program = Path.Combine(_folder, "derive.sh");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Output);
        var deriver = new DeriverProcess(keys ?? new Keys(), Options.Create(new RecordingOptions()), _time, NullLogger<DeriverProcess>.Instance) { Program = program };
        return deriver.DeriveAsync(_derivation, _folder, Output, new Reporter(_progress), cancellation);
    }

    private Task<string> SaidAsync(string what) => File.ReadAllTextAsync(Path.Combine(_folder, "derive.sh." + what));

    private sealed class Keys : IDerivationKeys
    {
        public string Lines { get; init; } = Key + "\n";

        public Task<Func<Stream, CancellationToken, Task<int>>> FindAsync(string evidence, CancellationToken cancellation) =>
            Task.FromResult<Func<Stream, CancellationToken, Task<int>>>(async (output, token) =>
            {
                await output.WriteAsync(Encoding.ASCII.GetBytes(Lines), token);
                return Lines.Count(letter => letter == '\n');
            });
    }

    /// <summary>Gives a line whenever it is let.</summary>
    private sealed class SlowKeys(int lines) : IDerivationKeys, IDisposable
    {
        public SemaphoreSlim Next { get; } = new(0);

        public Task<Func<Stream, CancellationToken, Task<int>>> FindAsync(string evidence, CancellationToken cancellation) =>
            Task.FromResult<Func<Stream, CancellationToken, Task<int>>>(async (output, token) =>
            {
                for (int i = 0; i < lines; i++)
                {
                    await Next.WaitAsync(token);
                    await output.WriteAsync("1 7 00\n"u8.ToArray(), token);
                    await output.FlushAsync(token);
                }

                return lines;
            });

        public void Dispose() => Next.Dispose();
    }

    private sealed class Reporter(List<double> told) : IProgress<double>
    {
        public void Report(double value) => told.Add(value);
    }
}
