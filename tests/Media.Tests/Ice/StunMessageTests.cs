using System.Text;
using CsCheck;
using Sfu.Media.Ice;
using Sfu.Media.Tests.Rtcp;

namespace Sfu.Media.Tests.Ice;

/// <summary>Reading and writing STUN: RFC 8489 sections 5 and 14.</summary>
public sealed class StunMessageTests
{
    private static readonly byte[] Transaction = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Theory]
    [InlineData("", DropReason.Truncated)]
    [InlineData("00010000 2112a442 010203040506070809101112", DropReason.StunAuthentication)]                // nothing in it
    [InlineData("00010000 2112a443 010203040506070809101112", DropReason.Malformed)]
    [InlineData("80010000 2112a442 010203040506070809101112", DropReason.Malformed)]
    [InlineData("00010004 2112a442 010203040506070809101112", DropReason.Truncated)]
    [InlineData("00010002 2112a442 010203040506070809101112 0000", DropReason.Truncated)]                    // not a multiple of 4
    [InlineData("00010004 2112a442 010203040506070809101112 00060001", DropReason.Truncated)]                // attribute beyond the end
    [InlineData("00010004 2112a442 010203040506070809101112 0006ffff", DropReason.Truncated)]
    [InlineData("00010004 2112a442 010203040506070809101112 00250000", DropReason.StunAuthentication)]
    public void TryParse_Lengths_AreChecked(string hex, DropReason reason) => Assert.Equal(reason, StunMessage.TryParse(Hex.Bytes(hex), out _));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    public void TryParse_FingerprintOfAnotherLength_IsRefused(byte length)
    {
        byte[] datagram = Check.Request();
        datagram[^5] = length;
        Assert.NotEqual(DropReason.None, StunMessage.TryParse(datagram, out _));
    }

    [Fact]
    public void TryParse_SomethingBehindTheFingerprint_IsRefused()
    {
        byte[] datagram = [.. Check.Request(), 0x00, 0x25, 0x00, 0x00];
        datagram[3] += 4;
        Assert.Equal(DropReason.StunAuthentication, StunMessage.TryParse(datagram, out _));
    }

    [Fact]
    public void TryGet_AttributeBehindTheIntegrity_IsNotFound()
    {
        // USE-CANDIDATE slipped in between MESSAGE-INTEGRITY and FINGERPRINT is not authenticated (RFC 8489 section 14.5).
        byte[] password = Encoding.UTF8.GetBytes(Check.Server.Password);
        byte[] signed = Check.Request();
        byte[] forged = new byte[200];
        signed.AsSpan(0, signed.Length - 8).CopyTo(forged);
        int at = signed.Length - 8;
        new byte[] { 0x00, 0x25, 0x00, 0x00, 0x80, 0x28, 0x00, 0x04 }.CopyTo(forged, at);
        forged[3] = (byte)(at + 12 - StunMessage.HeaderSize);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(forged.AsSpan(at + 8), StunMessage.FingerprintOf(forged.AsSpan(0, at + 4)));

        Assert.Equal(DropReason.None, StunMessage.TryParse(forged.AsSpan(0, at + 12), out StunMessage message));
        Assert.True(message.HasIntegrity(password));
        Assert.False(message.HasUseCandidate);
    }

    [Theory]
    [InlineData("srv:cli", "srv")]
    [InlineData("srv:", "srv")]
    [InlineData("srv:a:b", "srv")]
    [InlineData("srv", null)]
    [InlineData(":cli", null)]
    [InlineData("", null)]
    public void TryGetServerUfrag_UserName_IsTheHalfInFront(string name, string? ufrag)
    {
        byte[] buffer = new byte[100];
        var writer = new StunWriter(buffer, StunType.BindingRequest, Transaction);
        writer.Add(StunAttribute.Username, Encoding.UTF8.GetBytes(name));
        int length = writer.Finish(default);

        bool found = StunMessage.TryGetServerUfrag(buffer.AsSpan(0, length), out ReadOnlySpan<byte> value);

        Assert.Equal(ufrag, found ? Encoding.UTF8.GetString(value) : null);
    }

    [Fact]
    public void WriteThenParse_AnyAttributes_AreTheSame() =>
        Gen.Select(Gen.UShort[0x4000, 0x7FFF], Gen.Byte.Array[0, 100]).Array[0, 8]
        .Where(attributes => attributes.Select(a => a.Item1).Distinct().Count() == attributes.Length)
        .Sample(attributes =>
        {
            byte[] buffer = new byte[1500], password = Encoding.UTF8.GetBytes(Check.Server.Password);
            var writer = new StunWriter(buffer, StunType.BindingRequest, Transaction);
            foreach ((ushort type, byte[] value) in attributes) writer.Add(type, value);
            int length = writer.Finish(password);

            Assert.Equal(DropReason.None, StunMessage.TryParse(buffer.AsSpan(0, length), out StunMessage message));
            Assert.True(message.HasIntegrity(password));
            foreach ((ushort type, byte[] value) in attributes)
            {
                Assert.True(message.TryGet(type, out ReadOnlySpan<byte> read));
                Assert.Equal(value, read.ToArray());
            }
        });
}
