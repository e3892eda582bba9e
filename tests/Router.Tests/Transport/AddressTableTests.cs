using CsCheck;
using Sfu.Media.Ice;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class AddressTableTests
{
    [Fact]
    public void AnyOperations_AgreeWithADictionary() =>
        // Few addresses, so that they meet; the seed decides who collides with whom.
        Gen.Select(Gen.ULong, Gen.Select(Gen.Int[0, 9], Gen.Int[0, 300], Gen.Int[0, 3]).Array[0, 1500]).Sample((seed, operations) =>
        {
            var table = new AddressTable(seed);
            Dictionary<TransportAddress, int> model = [];
            foreach ((int what, int number, int slot) in operations)
            {
                TransportAddress address = Address(number);
                if (what < 6)
                {
                    table.Set(address, slot);
                    model[address] = slot;
                }
                else
                {
                    table.Remove(address, slot);
                    if (model.GetValueOrDefault(address, -1) == slot) model.Remove(address);
                }

                Assert.Equal(model.GetValueOrDefault(address, -1), table.Find(address));
            }

            Assert.Equal(model.Count, table.Count);
            for (int number = 0; number <= 300; number++)
                Assert.Equal(model.GetValueOrDefault(Address(number), -1), table.Find(Address(number)));
        }, iter: 300);

    [Fact]
    public void Find_AddressesThatDifferInOneField_AreDistinct()
    {
        var table = new AddressTable(1);
        TransportAddress[] addresses =
        [
            TransportAddress.FromIPv4(1, 5000), TransportAddress.FromIPv4(2, 5000), TransportAddress.FromIPv4(1, 5001),
            TransportAddress.FromIPv4(1, 5000, TransportProtocol.Tcp, 1), TransportAddress.FromIPv4(1, 5000, TransportProtocol.Tcp, 2),
            new(1, 0x0000_FFFF_0000_0001, 5000),
        ];

        for (int i = 0; i < addresses.Length; i++) table.Set(addresses[i], i);

        Assert.Equal(addresses.Length, table.Count);
        for (int i = 0; i < addresses.Length; i++) Assert.Equal(i, table.Find(addresses[i]));
    }

    [Fact]
    public void Find_PortsOfOneHost_StayNearTheirPlaces()
    {
        // All ports of one address, as behind a carrier NAT: with a weak hash this loop would run for minutes.
        var table = new AddressTable(0x1234_5678_9ABC_DEF0);
        for (int port = 1; port <= ushort.MaxValue; port++) table.Set(TransportAddress.FromIPv4(0x0A01_0203, (ushort)port), port);

        for (int port = 1; port <= ushort.MaxValue; port++)
            Assert.Equal(port, table.Find(TransportAddress.FromIPv4(0x0A01_0203, (ushort)port)));
    }

    private static TransportAddress Address(int number) => number % 3 == 0
        ? new TransportAddress(0x2001_0DB8_0000_0000, (ulong)number, 5000)
        : TransportAddress.FromIPv4(0x0A00_0000, (ushort)(1000 + number), number % 3 == 1 ? TransportProtocol.Udp : TransportProtocol.Tcp, number % 3 - 1);
}
