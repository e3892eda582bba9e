using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Media.Time;
using Sfu.Nodes.Recording;
using Sfu.Recorder;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Evidence;

namespace Sfu.Tests.Recordings;

/// <summary>The recorder as the server hosts it, on a disk of its own, and packets for it.</summary>
internal sealed class RealRecording : IDisposable
{
    /// <summary>The stream of the recorded track.</summary>
    public const uint Ssrc = 0x1F2E3D4C;

    /// <summary>Numbers that are not sent: those of <see cref="FirstLost"/> to this one.</summary>
    public const ushort LastLost = 1044;

    /// <summary>The first number that is not sent.</summary>
    public const ushort FirstLost = 1040;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly SystemRecorderClock Clock = new();
    private readonly string _data = Directory.CreateTempSubdirectory("sfu-real-recording-").FullName;

    public RealRecording() => Service = new RecorderService(
        Options.Create(new ServerOptions { DataDirectory = _data }), Options.Create(new RecordingOptions { SyncInterval = TimeSpan.FromMilliseconds(250) }),
        TimeProvider.System, NullLogger<RecorderService>.Instance);

    public RecorderService Service { get; }

    public Guid Id { get; } = Guid.CreateVersion7();

    public string Folder => EvidenceFolder.Of(Service.Recordings, "default", Id, DateTimeOffset.UnixEpoch).Path;

    public void Dispose()
    {
        Service.StopAsync(default).GetAwaiter().GetResult();   // a time-stamp that is being written ends first
        Service.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>Opens the recording with one audio track.</summary>
    public async Task<RecordingTap> BeginAsync()
    {
        RecorderNode node = Service.TryStart() ?? throw new InvalidOperationException($"The recorder does not start: {Service.Unavailable}");
        await node.OpenRecordingAsync(new RecordingInfo(Id, "default", "claims", "required", Folder, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000, "RM_1"));
        var track = new TrackInfo(0, "PA_1", "ann", "audio", "microphone", [new TrackFormat(96, "opus", 48_000, "")], []);
        return await node.AddTrackAsync(Id, track, node.AddRing(), TapGate.Open);
    }

    /// <summary>Records two segments of one second each, 65 s apart, without five of the packets, and seals them.</summary>
    public async Task SealAsync()
    {
        RecordingTap tap = await BeginAsync();
        MediaTime start = Clock.Now;                           // the recorder goes by the packets' times: the second minute lies in its future
        tap.OnReceipt(start, new(Ssrc), 0);
        long received = 0;
        for (ushort number = 1000; number < 1100; number++)
        {
            if (number is >= FirstLost and <= LastLost) continue;
            MediaTime at = start + TimeSpan.FromMilliseconds(20 * (number - 1000)) + TimeSpan.FromSeconds(number < 1050 ? 0 : 64);
            Assert.True(tap.OnRtp(at, Packet(number), isRepaired: false));
            tap.OnReceipt(at, new(Ssrc), ++received);
        }

        await StopAsync(tap);
    }

    /// <summary>Ends the track and the recording; when it returns the evidence is complete.</summary>
    public async Task StopAsync(RecordingTap tap)
    {
        await Service.Node!.CloseTrackAsync(tap);
        await Service.Node.StopAsync(Id, "stopped").WaitAsync(Patience);
    }

    private static byte[] Packet(ushort number)
    {
        byte[] packet = new byte[60];
        packet[0] = 0x80;
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), number * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Ssrc);
        packet.AsSpan(12).Fill((byte)number);
        return packet;
    }
}
