using System.Runtime.InteropServices;
using Sfu.Media.Rtp;

namespace Sfu.Media.Jitter;

/// <summary>One place of a <see cref="RetransmissionHistory"/>: 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SentEntry
{
    private const byte ResendMask = 0x03;
    private const byte Waiting = 0x20;
    private const byte WithMid = 0x40;
    private const byte Kept = 0x80;
    private const byte KeyIdxMask = 0x1F;
    private const int SourceShift = 5;

    private uint _index;                                   // lower half of the packet index: 2^32 packets of one stream last for weeks
    private uint _sourceSequence;
    private uint _timestamp;
    private uint _check;
    private ushort _pictureId;
    private ushort _resentAtMs;                            // modulo 65.5 s: a wrong answer costs one request of a packet that old
    private byte _tl0PicIdx;
    private byte _keyIdxAndSource;
    private byte _state;

    /// <summary>A packet is remembered here.</summary>
    internal readonly bool IsKept => (_state & Kept) != 0;

    /// <summary>Lower half of its index.</summary>
    internal readonly uint LowerIndex => _index;

    /// <summary>Times it was sent again.</summary>
    internal readonly int Resends => _state & ResendMask;

    /// <summary>It waits to be sent again.</summary>
    internal bool IsWaiting
    {
        readonly get => (_state & Waiting) != 0;
        set => _state = (byte)(value ? _state | Waiting : _state & ~Waiting);
    }

    /// <summary>What was remembered.</summary>
    internal readonly SentPacket Packet => new(
        _sourceSequence, new RtpTimestamp(_timestamp), _pictureId, _tl0PicIdx, (byte)(_keyIdxAndSource & KeyIdxMask),
        (byte)(_keyIdxAndSource >> SourceShift), (_state & WithMid) != 0, _check);

    /// <summary>Remembers a packet in the place of an older one.</summary>
    public void Set(ulong index, in SentPacket packet)
    {
        _index = (uint)index;
        _sourceSequence = packet.SourceSequence;
        _timestamp = packet.Timestamp.Value;
        _check = packet.Check;
        _pictureId = packet.PictureId;
        _resentAtMs = 0;
        _tl0PicIdx = packet.Tl0PicIdx;
        _keyIdxAndSource = (byte)(packet.KeyIdx & KeyIdxMask | packet.Source << SourceShift);
        _state = (byte)(Kept | (packet.HasMid ? WithMid : 0));
    }

    /// <summary>This is that packet.</summary>
    internal readonly bool Is(ulong index) => (_state & Kept) != 0 && _index == (uint)index;

    /// <summary>A packet behind that one is remembered here.</summary>
    internal readonly bool IsNewerThan(ulong index) => (_state & Kept) != 0 && (int)(_index - (uint)index) > 0;

    /// <summary>Milliseconds since it was sent again last.</summary>
    internal readonly int SinceResent(long nowMs) => (ushort)((ushort)nowMs - _resentAtMs);

    /// <summary>It is sent again now.</summary>
    internal void OnResend(long nowMs)
    {
        _state++;
        _resentAtMs = (ushort)nowMs;
    }
}
