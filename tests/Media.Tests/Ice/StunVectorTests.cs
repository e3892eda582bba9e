using System.Net;
using System.Text;
using Sfu.Media.Ice;
using Sfu.Media.Tests.Rtcp;

namespace Sfu.Media.Tests.Ice;

/// <summary>The test vectors of RFC 5769.</summary>
public sealed class StunVectorTests
{
    // Section 2.1.
    private const string Request =
        "00010058 2112a442 b7e7a701bc34d686fa87dfae" + "80220010 5354554e207465737420636c69656e74" + "00240004 6e0001ff"
        + "80290008 932ff9b151263b36" + "00060009 6576746a3a68367659202020"
        + "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" + "80280004 e57a3bcf";

    // Section 2.2.
    private const string ResponseIPv4 =
        "0101003c 2112a442 b7e7a701bc34d686fa87dfae" + "8022000b 7465737420766563746f7220" + "00200008 0001a147e112a643"
        + "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7" + "80280004 c07d4c96";

    // Section 2.3.
    private const string ResponseIPv6 =
        "01010048 2112a442 b7e7a701bc34d686fa87dfae" + "8022000b 7465737420766563746f7220"
        + "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
        + "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41" + "80280004 c8fb0b4c";

    // Section 2.4: long-term credentials, no FINGERPRINT.
    private const string LongTermRequest =
        "00010060 2112a442 78ad3433c6ad72c029da412e" + "00060012 e3839ee38388e383aae38383e382afe382b90000"
        + "0015001c 662f2f3439396b39353464364f4c33346f4c394653547679363473 41" + "0014000b 6578616d706c652e6f726700"
        + "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666";

    private static readonly byte[] Password = Encoding.UTF8.GetBytes("VOkJxbRl1RmTxUk/WvJxBt");

    [Fact]
    public void TryParse_SampleRequest_IsReadAndVerifies()
    {
        Assert.Equal(DropReason.None, StunMessage.TryParse(Hex.Bytes(Request), out StunMessage message));

        Assert.Equal(StunType.BindingRequest, message.Type);
        Assert.Equal("B7E7A701BC34D686FA87DFAE", Convert.ToHexString(message.TransactionId));
        Assert.True(message.TryGetUsername(out ReadOnlySpan<byte> name));
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(name));
        Assert.True(message.TryGetServerUfrag(out ReadOnlySpan<byte> ufrag));
        Assert.Equal("evtj", Encoding.UTF8.GetString(ufrag));
        Assert.Equal(0x6e0001ffu, message.Priority);
        Assert.True(message.IsFromControlled);
        Assert.False(message.HasUseCandidate);
        Assert.True(message.HasIntegrity(Password));
        Assert.False(message.HasIntegrity("VOkJxbRl1RmTxUk/WvJxBu"u8));
    }

    [Theory]
    [InlineData(ResponseIPv4)]
    [InlineData(ResponseIPv6)]
    public void TryParse_SampleResponse_Verifies(string hex)
    {
        Assert.Equal(DropReason.None, StunMessage.TryParse(Hex.Bytes(hex), out StunMessage message));
        Assert.Equal(StunType.BindingResponse, message.Type);
        Assert.True(message.HasIntegrity(Password));
    }

    [Theory]
    [InlineData(ResponseIPv4, "192.0.2.1", 8)]
    [InlineData(ResponseIPv6, "2001:db8:1234:5678:11:2233:4455:6677", 20)]
    public void AddXorMappedAddress_AddressOfTheVector_IsItsAttribute(string hex, string address, int length)
    {
        Assert.Equal(DropReason.None, StunMessage.TryParse(Hex.Bytes(hex), out StunMessage vector));
        Assert.True(vector.TryGet(StunAttribute.XorMappedAddress, out ReadOnlySpan<byte> expected));
        Assert.Equal(length, expected.Length);

        byte[] buffer = new byte[128];
        var writer = new StunWriter(buffer, StunType.BindingResponse, vector.TransactionId);
        writer.AddXorMappedAddress(TransportAddress.From(new IPEndPoint(IPAddress.Parse(address), 32853)));
        int written = writer.Finish(Password);

        Assert.Equal(DropReason.None, StunMessage.TryParse(buffer.AsSpan(0, written), out StunMessage message));
        Assert.True(message.TryGet(StunAttribute.XorMappedAddress, out ReadOnlySpan<byte> value));
        Assert.Equal(expected.ToArray(), value.ToArray());
        Assert.True(message.HasIntegrity(Password));
    }

    [Fact]
    public void TryParse_LongTermRequest_IsNotAnIceCheck() =>
        Assert.Equal(DropReason.StunAuthentication, StunMessage.TryParse(Hex.Bytes(LongTermRequest), out _));

    [Fact]
    public void TryParse_AnyBitFlipped_IsRefused()
    {
        byte[] vector = Hex.Bytes(Request);
        for (int bit = 0; bit < vector.Length * 8; bit++)
        {
            byte[] datagram = [.. vector];
            datagram[bit / 8] ^= (byte)(0x80 >> bit % 8);
            bool taken = StunMessage.TryParse(datagram, out StunMessage message) == DropReason.None && message.HasIntegrity(Password);
            Assert.False(taken, $"bit {bit}");
        }
    }

    [Theory]
    [InlineData(Request)]
    [InlineData(ResponseIPv6)]
    public void TryParse_EveryLengthCutOff_IsRefused(string hex)
    {
        byte[] vector = Hex.Bytes(hex);
        for (int length = 0; length < vector.Length; length++)
            Assert.NotEqual(DropReason.None, StunMessage.TryParse(vector.AsSpan(0, length), out _));
    }

    [Fact]
    public void TryParse_EveryAttributeCutOff_IsRefusedByItsOwnLength()
    {
        // The message length says what is there, so only the attributes' own lengths can be wrong.
        byte[] vector = Hex.Bytes(Request);
        for (int length = StunMessage.HeaderSize; length < vector.Length; length += 4)
        {
            byte[] datagram = vector[..length];
            datagram[3] = (byte)(length - StunMessage.HeaderSize);
            Assert.NotEqual(DropReason.None, StunMessage.TryParse(datagram, out _));
        }
    }
}
