using System.Text;
using Sfu.Media.Ice;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class TransportTableTests : IDisposable
{
    private readonly TransportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Bind_ManyAddresses_KeepsThoseThatTheAgentKeeps()
    {
        ParticipantTransport transport = _fixture.Open();
        TransportAddress[] addresses = [.. Enumerable.Range(1, 12).Select(i => TransportAddress.FromIPv4((uint)i, 1000))];
        foreach (TransportAddress address in addresses)
        {
            TransportFixture.Check(transport, address);
            _fixture.Transports.Bind(address, transport);
        }

        Assert.Equal(IceLiteAgent.MaxAddresses, _fixture.Transports.AddressCount);
        Assert.All(addresses, a => Assert.Equal(transport.Ice.IsValidated(a) ? transport : null, _fixture.Transports.FindByAddress(a)));
    }

    [Fact]
    public void Bind_AddressOfAnother_LeadsToTheLatest()
    {
        ParticipantTransport first = _fixture.Open(), second = _fixture.Open();
        TransportAddress address = TransportAddress.FromIPv4(1, 1000);
        TransportFixture.Check(first, address);
        _fixture.Transports.Bind(address, first);
        TransportFixture.Check(second, address);
        _fixture.Transports.Bind(address, second);

        _fixture.Transports.Remove(first);                 // must not take the address along

        Assert.Same(second, _fixture.Transports.FindByAddress(address));
    }

    [Fact]
    public void Remove_Transport_ForgetsAllItsNamesAndFreesItsSlot()
    {
        ParticipantTransport transport = _fixture.Open();
        TransportAddress address = TransportAddress.FromIPv4(1, 1000);
        TransportFixture.Check(transport, address);
        _fixture.Transports.Bind(address, transport);

        _fixture.Transports.Remove(transport);

        Assert.Null(_fixture.Transports.FindByAddress(address));
        Assert.Null(_fixture.Transports.FindByUfrag(Encoding.ASCII.GetBytes(transport.Ufrags[0])));
        Assert.False(_fixture.Transports.TryFind(transport.Id, out _));
        Assert.Equal((0, 0), (_fixture.Transports.Count, _fixture.Transports.AddressCount));
        Assert.Equal(transport.Slot, _fixture.Transports.TakeSlot());
    }

    [Fact]
    public void TryAddUfrag_OfAnother_IsRefused()
    {
        ParticipantTransport first = _fixture.Open(), second = _fixture.Open();

        Assert.False(_fixture.Transports.TryAddUfrag(second, first.Ufrags[0]));
        Assert.Same(first, _fixture.Transports.FindByUfrag(Encoding.ASCII.GetBytes(first.Ufrags[0])));
        Assert.Single(second.Ufrags);
    }

    [Fact]
    public void KeepNewestUfrag_AfterRestarts_ForgetsTheOthers()
    {
        ParticipantTransport transport = _fixture.Open();
        string first = transport.Ufrags[0];
        _fixture.Transports.TryAddUfrag(transport, "second");
        _fixture.Transports.TryAddUfrag(transport, "third");

        _fixture.Transports.KeepNewestUfrag(transport);

        Assert.Null(_fixture.Transports.FindByUfrag(Encoding.ASCII.GetBytes(first)));
        Assert.Null(_fixture.Transports.FindByUfrag("second"u8));
        Assert.Same(transport, _fixture.Transports.FindByUfrag("third"u8));
    }
}
