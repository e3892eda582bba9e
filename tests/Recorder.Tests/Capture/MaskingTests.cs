using System.Buffers.Binary;
using Sfu.Media.Time;
using Sfu.Recorder.Capture;

namespace Sfu.Recorder.Tests.Capture;

/// <summary>What a closed gate keeps out of a track, to the packet, and what it keeps out after it was opened.</summary>
public sealed class MaskingTests
{
    private const uint Ssrc = 0x1234;
    private const byte Opus = 111, Red = 63, Digits = 110;

    private readonly CaptureRing _ring = new(1 << 16);
    private readonly RecordingTap _tap;

    public MaskingTests() => _tap = new RecordingTap(_ring, 0, Guid.NewGuid(), 1, TapGate.Open, [new(Opus, "opus", 48_000, ""), new(Red, "red", 48_000, "111/111")]);

    [Fact]
    public void Switch_SetBefore_DividesByReceiveTime()
    {
        _tap.Switch = _tap.Switch.To(TapGate.Paused, At(100), At(80));
        Receive(1, 90);
        Receive(2, 110);
        Receive(3, 99);                                        // received before, looked at later
        _tap.Switch = _tap.Switch.To(TapGate.Open, At(200), At(180));
        Receive(4, 190);
        Receive(5, 200);
        Receive(6, 199);
        Assert.Equal([1, 3, 5], Copied());
    }

    [Fact]
    public void To_ChangesBeforeTheLastOneHolds_StaysClosed()
    {
        GateSwitch gate = GateSwitch.Always(TapGate.Open).To(TapGate.Paused, At(100), At(80)).To(TapGate.Open, At(110), At(90));
        Assert.Equal([TapGate.Paused, TapGate.Paused, TapGate.Open], new[] { 95, 105, 110 }.Select(at => gate.For(At(at))));
        gate = GateSwitch.Always(TapGate.ConsentPending).To(TapGate.Open, At(100), At(80)).To(TapGate.Paused, At(110), At(90));
        Assert.DoesNotContain(TapGate.Open, new[] { 95, 105, 110 }.Select(at => gate.For(At(at))));
        Assert.Equal(gate, GateSwitch.Unpack(gate.Pack()));
    }

    [Fact]
    public void OnRtp_RepairedAfterThePause_IsMaskedWhenItWasSentInIt()
    {
        Receive(10, 0);
        Pause(() => Receive(12, 10), 14);                      // 11 was lost before the pause, 13 and 15 in it
        Receive(16, 20);
        Receive(11, 30, isRepaired: true);
        Receive(13, 30, isRepaired: true);
        Receive(15, 30, isRepaired: true);
        Receive(18, 40);
        Receive(17, 50, isRepaired: true);
        Assert.Equal([10, 16, 11, 18, 17], Copied());
    }

    [Fact]
    public void OnRtp_RepairedFirstAfterThePause_IsMasked()
    {
        Pause(() => Receive(12, 10), 14);
        Receive(15, 30, isRepaired: true);
        Receive(16, 30);
        Assert.Equal([16], Copied());
    }

    [Fact]
    public void OnRtp_OvertakenInThePause_IsMaskedAndOneOvertakenAfterItIsNot()
    {
        Pause(() => Receive(10, 0), 12);
        Receive(14, 20);
        Receive(11, 20);
        Receive(13, 20);
        Assert.Equal([14, 13], Copied());
    }

    [Fact]
    public void OnRtp_RedundantAudioOfThePause_IsMasked()
    {
        Pause(() => Receive(10, 0), 11);
        Receive(12, 20, Red, [0x80 | Opus, 960 >> 6, (960 << 2) & 0xFF, 1, Opus, 0xEE, 1]);       // repeats 11
        Receive(13, 40, Red, [0x80 | Opus, 960 >> 6, (960 << 2) & 0xFF, 1, Opus, 1, 1]);          // repeats 12
        Assert.Equal([13], Copied());
    }

    [Fact]
    public void OnRtp_InBandFecOfThePause_IsMasked()
    {
        Pause(() => Receive(10, 0), 11);
        Receive(12, 20, Opus, [9 << 3, 0x40, 1, 1]);           // SILK, 20 ms, LBRR flag set
        Receive(13, 40, Opus, [9 << 3, 0x40, 1, 1]);
        Assert.Equal([13], Copied());
    }

    [Fact]
    public void OnRtp_KeyPressedInThePause_IsMaskedUntilItIsLetGo()
    {
        Pause(() => Receive(10, 0), 11);
        for (ushort n = 12; n < 16; n++) Receive(n, 20 * n, Digits, [5, 0, 0, 0], timestamp: 11 * 960);
        Receive(16, 400, Digits, [6, 0, 0, 0]);
        Assert.Equal([16], Copied());
    }

    [Fact]
    public void OnRtp_TimestampsJumpBackAfterThePause_AreMaskedForFiveSecondsAtMost()
    {
        Receive(99, 0);
        Pause(() => Receive(100, 0), 101);
        Receive(102, 20, timestamp: 5);
        Receive(103, 5_019, timestamp: 6);
        Receive(104, 5_021, timestamp: 7);
        Assert.Equal([99, 104], Copied());
    }

    [Fact]
    public void OnRtp_TwoPauses_MaskWhatComesLateOfEither()
    {
        Pause(() => Receive(10, 0), 12);
        Receive(13, 20);
        Pause(() => Receive(14, 30), 16);
        Receive(17, 40);
        Receive(11, 50, isRepaired: true);
        Receive(15, 50, isRepaired: true);
        Receive(9, 50, isRepaired: true);
        Assert.Equal([13, 17, 9], Copied());
    }

    private static MediaTime At(int milliseconds) => MediaTime.FromSeconds(1) + TimeSpan.FromMilliseconds(milliseconds);

    private void Pause(Action first, ushort last)
    {
        _tap.Gate = TapGate.Paused;
        first();
        Receive(last, 10);
        _tap.Gate = TapGate.Open;
    }

    private void Receive(ushort number, int at, byte payloadType = 96, byte[]? payload = null, bool isRepaired = false, uint? timestamp = null)
    {
        payload ??= [7];
        byte[] packet = new byte[12 + payload.Length];
        packet[0] = 0x80;
        packet[1] = payloadType;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp ?? number * 960u);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Ssrc);
        payload.CopyTo(packet, 12);
        Assert.True(_tap.OnRtp(At(at), packet, isRepaired));
    }

    /// <summary>The numbers of the packets that were copied since the last call.</summary>
    private List<int> Copied()
    {
        var numbers = new List<int>();
        while (_ring.TryPeek(_ring.Written, out RingEntry entry, out _))
        {
            if (entry.Kind == RingEntryKind.Rtp) numbers.Add((ushort)entry.Number);
            _ring.Advance(entry);
        }

        return numbers;
    }
}
