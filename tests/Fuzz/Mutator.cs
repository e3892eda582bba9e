using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sfu.Fuzz;

/// <summary>Changes an input in place, a few steps at a time: bits, numbers, blocks and, for text, lines and decimal numbers.</summary>
internal sealed class Mutator(FuzzRandom random, bool isText, int maxLength)
{
    private static readonly byte[] Bytes = [0, 1, 0x0F, 0x10, 0x7F, 0x80, 0x8F, 0xBE, 0xC0, 0xDE, 0xFE, 0xFF];
    private static readonly ushort[] Words = [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1000, 0x1FFF, 0x7FFF, 0x8000, 0xBEDE, 0xFFFE, 0xFFFF];

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "0", "-1", "255", "256", "65535", "65536", "4294967295", "4294967296", "18446744073709551615", "18446744073709551616", "1e9", "0x10", " ", "  ", ";", ",", "/",
            ":", "=", "\r", "\n", "\r\n", "\0", "~", "*", "é", "\u2028", "a=", "m=", "v=0\r\n", "a=mid:", "a=simulcast:send ", "a=rid:", "a=ssrc-group:SIM ", "a=ssrc:", "a=extmap:",
            "a=group:BUNDLE ", "a=rtpmap:", "a=fmtp:", "apt=", "a=bundle-only", "a=ice-lite", "a=inactive", "a=setup:passive", "profile-level-id=", "a=candidate:", "a=end-of-candidates\r\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private byte[] _buffer = new byte[Math.Max(maxLength, 1024) * 2];
    private int _length;

    /// <summary>Makes a new input from a seed, and sometimes from a piece of another one.</summary>
    public Span<byte> Mutate(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> other)
    {
        if (_buffer.Length < seed.Length * 2) _buffer = new byte[seed.Length * 2];
        seed.CopyTo(_buffer);
        _length = seed.Length;
        for (int steps = 1 + random.Below(6); steps > 0; steps--)
        {
            if (isText && random.OnceIn(2)) TextStep(other);
            else BinaryStep(other);
        }
        _length = Math.Min(_length, maxLength);
        return _buffer.AsSpan(0, _length);
    }

    private void BinaryStep(ReadOnlySpan<byte> other)
    {
        int at = _length == 0 ? 0 : random.Below(_length);
        switch (random.Below(9))
        {
            case 0 when _length > 0:
                _buffer[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1 when _length > 0:
                _buffer[at] = random.OnceIn(2) ? random.Byte() : Bytes[random.Below(Bytes.Length)];
                break;
            case 2 when _length > 0:
                _buffer[at] += (byte)(random.Below(9) - 4);
                break;
            case 3 when at + 2 <= _length:
                BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(at), random.OnceIn(2) ? (ushort)(_length / 4) : Words[random.Below(Words.Length)]);
                break;
            case 4:
                _length = random.Below(_length + 1);
                break;
            case 5:
                Remove(at, random.Below(Math.Min(_length - at, 64) + 1));
                break;
            case 6:
                Insert(at, _buffer.AsSpan(at, random.Below(Math.Min(_length - at, 64) + 1)).ToArray());
                break;
            case 7 when other.Length > 0:
                int from = random.Below(other.Length);
                Insert(at, other.Slice(from, random.Below(Math.Min(other.Length - from, 256) + 1)));
                break;
            default:
                Insert(at, [random.Byte()]);
                break;
        }
    }

    private void TextStep(ReadOnlySpan<byte> other)
    {
        switch (random.Below(6))
        {
            case 0:
                (int start, int length) = Line(_buffer.AsSpan(0, _length));
                Remove(start, length);
                break;
            case 1:
                (start, length) = Line(_buffer.AsSpan(0, _length));
                byte[] copy = _buffer.AsSpan(start, length).ToArray();
                (start, _) = Line(_buffer.AsSpan(0, _length));
                for (int times = random.OnceIn(8) ? random.Below(40) : 1; times > 0; times--) Insert(start, copy);
                break;
            case 2 when other.Length > 0:
                (int from, int taken) = Line(other);
                (start, _) = Line(_buffer.AsSpan(0, _length));
                Insert(start, other.Slice(from, taken));
                break;
            case 3:
                ReplaceNumber();
                break;
            default:
                Insert(_length == 0 ? 0 : random.Below(_length), Tokens[random.Below(Tokens.Length)]);
                break;
        }
    }

    private (int Start, int Length) Line(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return (0, 0);
        int at = random.Below(text.Length);
        int start = text[..at].LastIndexOf((byte)'\n') + 1;
        int end = text[start..].IndexOf((byte)'\n');
        return (start, end < 0 ? text.Length - start : end + 1);
    }

    private void ReplaceNumber()
    {
        if (_length == 0) return;
        int start = random.Below(_length);
        while (start < _length && !char.IsAsciiDigit((char)_buffer[start])) start++;
        int end = start;
        while (end < _length && char.IsAsciiDigit((char)_buffer[end])) end++;
        Remove(start, end - start);
        byte[] number = random.OnceIn(2) ? Tokens[random.Below(11)] : Encoding.ASCII.GetBytes(random.Below(300).ToString(CultureInfo.InvariantCulture));
        Insert(start, number);
    }

    private void Remove(int at, int count)
    {
        _buffer.AsSpan(at + count, _length - at - count).CopyTo(_buffer.AsSpan(at));
        _length -= count;
    }

    private void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length) return;
        _buffer.AsSpan(at, _length - at).CopyTo(_buffer.AsSpan(at + bytes.Length));
        bytes.CopyTo(_buffer.AsSpan(at));
        _length += bytes.Length;
    }
}
