using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Microsoft.Extensions.Time.Testing;
using Sfu.Recorder.Evidence;

namespace Sfu.Recorder.Tests.Evidence;

public sealed class TimeStamperTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sfu-evidence-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly LocalTimeAuthority _local;

    public TimeStamperTests() => _local = LocalTimeAuthority.Open(Path.Combine(_folder, "tsa"), _time);

    public void Dispose()
    {
        _local.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task StampDue_AuthorityAnswers_WritesATokenOverTheFile()
    {
        var stamper = new TimeStamper(_local, () => [], new TimeStampOptions(), _time);
        string manifest = Manifest("a");
        stamper.Add(manifest);

        await stamper.StampDueAsync(default);

        Assert.Equal((1L, 0L, 0), (stamper.Stamped, stamper.Failed, stamper.Waiting));
        AsnReader response = new AsnReader(await File.ReadAllBytesAsync(manifest + ".tsr"), AsnEncodingRules.DER).ReadSequence();
        response.ReadEncodedValue();
        Assert.True(Rfc3161TimestampToken.TryDecode(response.ReadEncodedValue(), out Rfc3161TimestampToken? token, out _));
        Assert.True(token.VerifySignatureForData(await File.ReadAllBytesAsync(manifest), out _));
        Assert.Equal(_time.GetUtcNow(), token.TokenInfo.Timestamp);
    }

    [Fact]
    public async Task StampDue_AuthoritySilent_AsksAgainLaterAndLater()
    {
        var authority = new Scripted(_local) { IsSilent = true };
        var stamper = new TimeStamper(authority, () => [], new TimeStampOptions(), _time);
        stamper.Add(Manifest("a"));
        var waits = new List<double>();
        for (int i = 0; i < 10; i++)
        {
            DateTimeOffset next = await stamper.StampDueAsync(default);
            waits.Add((next - _time.GetUtcNow()).TotalSeconds);
            _time.SetUtcNow(next);
        }
        authority.IsSilent = false;
        await stamper.StampDueAsync(default);

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 900, 900], waits);
        Assert.Equal((1L, 10L, 11), (stamper.Stamped, stamper.Failed, authority.Asked));
    }

    [Fact]
    public async Task StampDue_AfterARestart_FindsWhatHasNoToken()
    {
        string manifest = Manifest("a");
        var stamper = new TimeStamper(_local, () => Directory.GetFiles(_folder, "*.json"), new TimeStampOptions(), _time);

        await stamper.StampDueAsync(default);

        Assert.True(File.Exists(manifest + ".tsr"));
    }

    [Fact]
    public async Task Add_MoreThanTheQueueHolds_StampsThemAll()
    {
        var stamper = new TimeStamper(_local, () => Directory.GetFiles(_folder, "*.json").Where(path => !File.Exists(path + ".tsr")),
            new TimeStampOptions { MaxPending = 16 }, _time);
        await stamper.StampDueAsync(default);
        for (int i = 0; i < 50; i++) stamper.Add(Manifest($"{i}"));

        for (int i = 0; i < 10; i++)
        {
            await stamper.StampDueAsync(default);
            Assert.True(stamper.Waiting <= 16);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(50, stamper.Stamped);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("other")]
    [InlineData("rejected")]
    public async Task StampDue_AnswerThatIsNoTokenForIt_IsRefused(string kind)
    {
        var authority = new Scripted(_local) { Kind = kind };
        var stamper = new TimeStamper(authority, () => [], new TimeStampOptions(), _time);
        string manifest = Manifest("a");
        stamper.Add(manifest);

        await stamper.StampDueAsync(default);

        Assert.False(File.Exists(manifest + ".tsr"));
        Assert.Equal(1, stamper.Failed);
    }

    [Fact]
    public async Task StampDue_RecordingDisposedOf_ForgetsIt()
    {
        var stamper = new TimeStamper(_local, () => [], new TimeStampOptions(), _time);
        stamper.Add(Path.Combine(_folder, "gone.json"));

        await stamper.StampDueAsync(default);

        Assert.Equal((0, 0L), (stamper.Waiting, stamper.Failed));
    }

    [Fact]
    public async Task Run_ManifestAddedWhileItWaits_StampsIt()
    {
        var stamper = new TimeStamper(_local, () => [], new TimeStampOptions(), _time);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Task run = stamper.RunAsync(stop.Token);
        string manifest = Manifest("a");
        using var watcher = new FileSystemWatcher(_folder, "*.tsr") { EnableRaisingEvents = true };
        var written = new TaskCompletionSource();
        watcher.Created += (_, _) => written.TrySetResult();
        watcher.Renamed += (_, _) => written.TrySetResult();

        stamper.Add(manifest);

        await written.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.True(File.Exists(manifest + ".tsr"));
    }

    private string Manifest(string name)
    {
        string path = Path.Combine(_folder, $"{name}.json");
        File.WriteAllText(path, name);
        return path;
    }

    private sealed class Scripted(LocalTimeAuthority local) : ITimeAuthority
    {
        public bool IsSilent { get; set; }
        public string Kind { get; set; } = "";
        public int Asked { get; private set; }

        public async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
        {
            Asked++;
            if (IsSilent) return null;
            return Kind switch
            {
                "garbage" => [0x30, 0x82, 0xFF, 0xFF, 1],
                "rejected" => [0x30, 5, 0x30, 3, 2, 1, 2],
                "other" => await local.AnswerAsync(Rfc3161TimestampRequest.CreateFromData("other"u8, HashAlgorithmName.SHA256).Encode(), cancellation),
                _ => await local.AnswerAsync(request, cancellation),
            };
        }
    }
}
