using System.Buffers.Binary;
using System.Globalization;
using Sfu.Media.Time;
using Sfu.Recorder;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Segments;

// decrypt DATA EVIDENCE: prints what a sealed recording holds.
// FOLDER RECORDING: records made-up packets until it is killed. Each line it prints is the receive time of a packet that the tap took.
if (args is ["decrypt", string data, string evidence]) return Decryption.Print(data, evidence);
string folder = args[0];
Guid id = Guid.Parse(args[1]);
var clock = new SystemRecorderClock();
using var kek = FileKeyEncryptionKey.Open(Path.Combine(folder, "kek"));
using var vault = new SqliteKeyVault(Path.Combine(folder, "vault.db"));
using RecorderNode node = RecorderNode.Start(
    new RecorderOptions { Node = "rec-a", WalFolder = Path.Combine(folder, "wal"), Wal = new() { FileSize = 16 << 20 }, CallTimeout = TimeSpan.FromSeconds(30) }, clock, kek, vault, new NoSigner());
if (node.Recovered.Count == 0) await node.OpenRecordingAsync(new RecordingInfo(id, "default", "claims", "required", Path.Combine(folder, "recording"), 0));
CaptureRing ring = node.AddRing();
RecordingTap tap = await node.AddTrackAsync(id, new TrackInfo(0, "PA_1", "ann", "audio", "microphone", [], []), ring, TapGate.Open);
byte[] packet = new byte[12 + 200];
packet[0] = 0x80;
using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
for (ushort number = 0; await timer.WaitForNextTickAsync(); number++)
{
    BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
    MediaTime now = clock.Now;
    if (!tap.OnRtp(now, packet, false)) return 1;
    Console.Out.WriteLine(now.Nanoseconds.ToString(CultureInfo.InvariantCulture));
    Console.Out.Flush();
}

return 0;

/// <summary>Takes everything for signed.</summary>
internal sealed class NoSigner : ISegmentSink
{
    public void Accept(ClosedSegment segment)
    {
    }

    public void Seal(ClosedRecording recording)
    {
    }
}
