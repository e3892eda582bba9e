using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sfu.Hosting;
using Sfu.Security;

namespace Sfu.Tests.Hosting;

/// <summary>T34: a wrong setting ends the start with one usable sentence.</summary>
[SupportedOSPlatform("linux")]
public sealed class StartUpTests : IDisposable
{
    private const string Key = "Sfu:ApiKeys:a=7c2f0e3d9b8a41656f1d2c3b4a59687701f2e3d4c5b6a798";

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"sfu-start-{Guid.NewGuid():N}");

    public static TheoryData<string[], string> BadSettings => new()
    {
        { ["--Sfu:ApiKeys:a=short"], "Sfu:ApiKeys:a: the secret has 5 characters" },
        { ["--Sfu:ApiKeys:a="], "Sfu:ApiKeys:a has no secret" },
        { ["--Sfu:ApiKeys:a=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"], "a sample or a pattern" },
        { ["--Sfu:ApiKeys:a=changeme-changeme-changeme-changeme-1234"], "a sample or a pattern" },
        { ["--Sfu:ApiKeys:a=your-secret-goes-here-it-must-be-long-enough"], "a sample or a pattern" },
        { ["--Sfu:ApiKeys:a=0123456789abcdef0123456789abcdef"], "a sample or a pattern" },
        { ["--Sfu:ApiKeys:a b=7c2f0e3d9b8a41656f1d2c3b4a59687701f2e3d4c5b6a798"], "a key's name is 1 to 64" },
        { ["--Sfu:ApiKeys:a:Secret=7c2f0e3d9b8a41656f1d2c3b4a59687701f2e3d4c5b6a798", "--Sfu:ApiKeys:a:Tenant=x/y"], "Sfu:ApiKeys:a:Tenant is 1 to 64" },
        { ["--Sfu:ApiKeys:a:Secret=7c2f0e3d9b8a41656f1d2c3b4a59687701f2e3d4c5b6a798", "--Sfu:ApiKeys:a:Colour=red"], "Sfu:ApiKeys:a:Colour is no option" },
        { ["--Sfu:ApiKeys:a:Tenant=acme"], "Sfu:ApiKeys:a has no secret" },
        { ["--Sfu:Http:Address=0.0.0.0", "--Sfu:Http:AllowPlain=true"], "no API key is configured" },
        { ["--Sfu:Http:Address=::", $"--{Key}"], "without TLS" },
        { ["--Sfu:Http:Address=example.com"], "Sfu:Http:Address is 'example.com'; use an IP address" },
        { ["--Sfu:Http:Port=65536"], "Sfu:Http:Port is 65536; use 0 to 65535." },
        { ["--Sfu:Http:Port=abc"], "Sfu:Http:Port is 'abc'; use a whole number." },
        { ["--Sfu:Http:AllowPlain=yes"], "Sfu:Http:AllowPlain is 'yes'; use true or false." },
        { ["--Sfu:Http:Prot=1"], "Sfu:Http:Prot is no option; Sfu:Http has Address, Port," },
        { ["--Sfu:Nothing=1"], "Sfu:Nothing is no option" },
        { ["--Sfu:Nothing:Deep=1"], "Sfu:Nothing:Deep is no option" },
        { ["--Sfu:Http:Certificate=/nowhere/cert.pem"], "belong together" },
        { ["--Sfu:Http:Certificate=/nowhere/cert.pem", "--Sfu:Http:CertificateKey=/nowhere/key.pem"], "Sfu:Http:Certificate is '/nowhere/cert.pem', which is no file" },
        { ["--Sfu:Http:Certificate=/etc/hostname", "--Sfu:Http:CertificateKey=/etc/hostname"], "Sfu:Http:Certificate and Sfu:Http:CertificateKey cannot be used" },
        { ["--Sfu:Http:TrustedProxies=10.0.0.0/8,proxy"], "Sfu:Http:TrustedProxies has 'proxy'" },
        { ["--Sfu:Http:MaxConnections=1"], "Sfu:Http:MaxConnections is 1; use 16 to 1000000." },
        { ["--Sfu:Metrics:AllowedNetworks=0.0.0.0/0"], "which is everybody" },
        { ["--Sfu:Metrics:AllowedNetworks=10.0.0.0/33"], "Sfu:Metrics:AllowedNetworks has '10.0.0.0/33'" },
        { ["--Sfu:Http:Address=192.0.2.1", $"--{Key}", "--Sfu:Http:AllowPlain=true"], "which no interface of this machine has" },
        { ["--Sfu:Media:Address=192.0.2.1"], "Sfu:Media:Address is 192.0.2.1, which no interface of this machine has" },
        { ["--Sfu:Media:Address=eth0"], "Sfu:Media:Address is 'eth0'" },
        { ["--Sfu:Media:AdvertisedAddresses=10.0.0.1,0.0.0.0"], "which no client can send to" },
        { ["--Sfu:Media:AdvertisedAddresses=1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9"], "use at most 8" },
        { ["--Sfu:Media:UdpPort=65535", "--Sfu:Media:Workers=2"], "use at most 65534" },
        { ["--Sfu:Media:TcpPort=-2"], "Sfu:Media:TcpPort is -2; use -1 to 65535." },
        { ["--Sfu:Media:TcpPort=7880", "--Sfu:Http:Port=7880"], "are both 7880" },
        { ["--Sfu:Media:Workers=65"], "Sfu:Media:Workers is 65; use 0 to 64." },
        { ["--Sfu:Media:LateAfter=00:00:02"], "Sfu:Media:LateAfter is 00:00:02" },
        { ["--Sfu:Tokens:MaxLifetime=00:00:30"], "Sfu:Tokens:MaxLifetime is 00:00:30" },
        { ["--Sfu:Tokens:MaxLifetime=soon"], "use a time such as" },
        { ["--Sfu:ShutdownTimeout=00:00:00"], "Sfu:ShutdownTimeout is 00:00:00" },
        { ["--Sfu:Log:Format=xml"], "Sfu:Log:Format is 'xml'; use auto, text, json." },
        { ["--Sfu:Log:Level=none"], "Sfu:Log:Level is None" },
        { ["--Sfu:Recording:Policy=sometimes"], "use off, best_effort or required" },
        { ["--Sfu:Recording:SyncInterval=00:01:00"], "Sfu:Recording:SyncInterval is 00:01:00" },
        { ["--Sfu:Recording:Disk:ClosedAbove=97"], "Sfu:Recording:Disk:ClosedAbove is 97; use 0.01 to 1." },
        { ["--Sfu:Recording:Disk:ClosedAbove=NaN"], "Sfu:Recording:Disk:ClosedAbove is NaN; use 0.01 to 1." },
        { ["--Sfu:Recording:Disk:ClosedAbove=0.8"], "Sfu:Recording:Disk:NoNewRecordingsAbove is above Sfu:Recording:Disk:ClosedAbove" },
        { ["--Sfu:Recording:Disk:NoDerivationsAbove=0.9"], "Sfu:Recording:Disk:NoDerivationsAbove is above Sfu:Recording:Disk:NoNewRecordingsAbove" },
        { ["--Sfu:Recording:Disk:ClosedBelow=-1"], "Sfu:Recording:Disk:ClosedBelow is -1" },
        { ["--Sfu:Recording:Disk:ClosedBelow=50000000000"], "Sfu:Recording:Disk:NoNewRecordingsBelow is below Sfu:Recording:Disk:ClosedBelow" },
        { ["--Sfu:Recording:Disk:NoDerivationsBelow=1"], "Sfu:Recording:Disk:NoDerivationsBelow is below Sfu:Recording:Disk:NoNewRecordingsBelow" },
        { ["--Sfu:Recording:TimeStampAuthority=tsa.example"], "use an http or https address" },
        { ["--Sfu:Recording:Policy=sometimes"], "use off, best_effort or required." },
        { ["--Sfu:DataDirectory=/proc/sfu"], "Sfu:DataDirectory is '/proc/sfu', which cannot be used" },
        { ["--Sfu:DataDirectory=/etc/hostname"], "which is a file" },
        { ["--Sfu:DataDirectory="], "Sfu:DataDirectory is empty" },
        { ["--port", "1"], "'--port' is no argument of this server" },
        { ["serve"], "'serve' is no argument of this server" },
        { ["--Sfu:Http:Port"], "--Sfu:Http:Port has no value" },
    };

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task Run_BadSetting_ExitsWith78AndASentence(string[] settings, string sentence)
    {
        using var error = new StringWriter();
        using var output = new StringWriter();

        string[] all = settings.Any(s => s.StartsWith("--Sfu:DataDirectory", StringComparison.Ordinal)) ? settings : [$"--Sfu:DataDirectory={_data}", .. settings];
        int code = await ServerHost.RunAsync(all, output, error);

        Assert.Equal((78, ""), (code, output.ToString()));
        Assert.Contains(sentence, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("7c2f0e3d", error.ToString(), StringComparison.Ordinal);
        Assert.All(error.ToString().TrimEnd().Split('\n'), line => Assert.Matches(@"^error: .+\.$", line));
    }

    [Fact]
    public async Task Run_SeveralBadSettings_NamesThemAllAtOnce()
    {
        using var error = new StringWriter();

        await ServerHost.RunAsync(["--Sfu:Http:Prot=1", "--Sfu:ApiKeys:a=short", "--Sfu:Media:Workers=x"], TextWriter.Null, error);

        Assert.Equal(3, error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("--Sfu:Http:Port={0}", "TCP port {0} on 127.0.0.1 is in use; stop the program that uses it, or set Sfu:Http:Port to another.")]
    [InlineData("--Sfu:Media:TcpPort={0}", "TCP port {0} on 127.0.0.1 is in use; stop the program that uses it, or set Sfu:Media:TcpPort to another.")]
    [InlineData("--Sfu:Media:UdpPort={0}", "UDP port {0} on 127.0.0.1 is in use; stop the program that uses it, or set Sfu:Media:UdpPort to another.")]
    public async Task Run_PortInUse_ExitsWith69AndASentence(string option, string sentence)
    {
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        int port = ((IPEndPoint)tcp.LocalEndpoint).Port;
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        using var error = new StringWriter();
        string[] others = ["--Sfu:Http:Port=0", "--Sfu:Media:TcpPort=-1", "--Sfu:Media:UdpPort=0"];
        string own = string.Format(CultureInfo.InvariantCulture, option, port);

        int code = await ServerHost.RunAsync(
            [$"--Sfu:DataDirectory={_data}", .. others.Where(o => o.Split('=')[0] != own.Split('=')[0]), own], TextWriter.Null, error);

        Assert.Equal((69, $"error: {string.Format(CultureInfo.InvariantCulture, sentence, port)}\n"), (code, error.ToString()));
    }

    /// <summary>A part that cannot even be made leaves a host that cannot stop: that must not hide why.</summary>
    [Fact]
    public async Task Start_PartThatCannotBeMade_ThrowsWhatItThrew()
    {
        await using WebApplication app = ServerHost.Build(
            [$"--Sfu:DataDirectory={_data}", "--Sfu:Http:Port=0", "--Sfu:Media:TcpPort=-1", "--Sfu:Media:UdpPort=0"],
            builder => builder.Services.AddSingleton<IHostedService>(_ => throw new IOException("the cause")));

        IOException thrown = await Assert.ThrowsAsync<IOException>(() => ServerHost.StartAsync(app));

        Assert.Equal("the cause", thrown.Message);
    }

    [Theory]
    [InlineData("--help", "usage: Sfu")]
    [InlineData("--version", "0.")]
    public async Task Run_HelpOrVersion_PrintsAndEnds(string argument, string expected)
    {
        using var output = new StringWriter();

        Assert.Equal(0, await ServerHost.RunAsync([argument], output, TextWriter.Null));
        Assert.Contains(expected, output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void DevelopmentSecret_FirstStart_IsMadeForItsOwnerOnlyAndKept()
    {
        ApiKey first = DevelopmentSecret.LoadOrCreate(_data);
        ApiKey second = DevelopmentSecret.LoadOrCreate(_data);

        Assert.Equal(first, second);
        Assert.Equal(64, first.Secret.Length);
        string file = Path.Combine(_data, DevelopmentSecret.FileName);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal([file], Directory.GetFiles(_data));
    }

    [Fact]
    public void DevelopmentSecret_FileOpenToOthers_IsClosed()
    {
        DevelopmentSecret.LoadOrCreate(_data);
        string file = Path.Combine(_data, DevelopmentSecret.FileName);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        DevelopmentSecret.LoadOrCreate(_data);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void DevelopmentSecret_EmptyFile_StopsTheStart()
    {
        Directory.CreateDirectory(_data);
        File.WriteAllText(Path.Combine(_data, DevelopmentSecret.FileName), "");

        StartUpException thrown = Assert.Throws<StartUpException>(() => DevelopmentSecret.LoadOrCreate(_data));

        Assert.Equal(78, thrown.ExitCode);
    }

    [Fact]
    public async Task DevelopmentSecret_ManyServersAtOnce_AgreeOnOne()
    {
        ApiKey[] keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => DevelopmentSecret.LoadOrCreate(_data))));

        Assert.Single(keys.Distinct());
    }

    public void Dispose()
    {
        if (Directory.Exists(_data)) Directory.Delete(_data, recursive: true);
    }
}
