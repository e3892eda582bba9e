using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

/// <summary>RFC 7983 section 7 and RFC 5761 section 4, byte by byte.</summary>
public sealed class DemultiplexerTests
{
    [Fact]
    public void Classify_EveryFirstByte_FollowsTheTable()
    {
        for (int first = 0; first < 256; first++)
        {
            DatagramKind expected = first switch
            {
                <= 3 => DatagramKind.Stun,
                <= 19 => DatagramKind.Unknown,             // 16 to 19: ZRTP
                <= 63 => DatagramKind.Dtls,
                <= 127 => DatagramKind.Unknown,            // 64 to 79: TURN channels
                <= 191 => DatagramKind.Rtp,
                _ => DatagramKind.Unknown,                 // 192 on: QUIC and unassigned
            };

            Assert.Equal(expected, Demultiplexer.Classify([(byte)first, 0]));
        }
    }

    [Fact]
    public void Classify_EverySecondByteOfRtp_TellsRtcpByItsPacketType()
    {
        for (int second = 0; second < 256; second++)
        {
            DatagramKind expected = second is >= 192 and <= 223 ? DatagramKind.Rtcp : DatagramKind.Rtp;

            Assert.Equal(expected, Demultiplexer.Classify([0x80, (byte)second]));
            Assert.Equal(expected, Demultiplexer.Classify([0xBF, (byte)second]));
        }
    }
}
