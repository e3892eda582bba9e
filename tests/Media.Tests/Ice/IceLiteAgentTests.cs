using System.Net;
using System.Text;
using Sfu.Media.Ice;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Ice;

/// <summary>The responder: RFC 8445 sections 7.3 and 9.</summary>
[Collection("alone")]
public sealed class IceLiteAgentTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(10);
    private static readonly TransportAddress Home = Address("192.0.2.1", 5000);
    private static readonly TransportAddress Away = Address("2001:db8::1", 6000);
    private static readonly IceCredentials NewServer = new("srvV", "server-password-111111");
    private static readonly IceCredentials NewClient = new("cliV", "client-password-111111");

    private readonly IceLiteAgent _agent = new(Check.Server, Check.Client);
    private readonly byte[] _response = new byte[128];
    private int _responseLength;

    [Theory]
    [InlineData("192.0.2.1", 5000)]
    [InlineData("2001:db8::1", 6000)]
    public void OnStun_Check_IsAnsweredWithTheAddressItCameFrom(string address, int port)
    {
        byte[] request = Check.Request();

        Assert.Equal(IceOutcome.NewAddressValidated, OnStun(Address(address, (ushort)port), request));

        Assert.Equal(DropReason.None, StunMessage.TryParse(Response, out StunMessage answer));
        Assert.Equal(StunType.BindingResponse, answer.Type);
        Assert.Equal(request[8..20], answer.TransactionId.ToArray());
        Assert.True(answer.HasIntegrity(Encoding.UTF8.GetBytes(Check.Server.Password)));
        Assert.True(answer.TryGet(StunAttribute.XorMappedAddress, out ReadOnlySpan<byte> mapped));
        Assert.Equal((address, port), Unmask(mapped, answer.TransactionId));
        Assert.True(_agent.IsValidated(Address(address, (ushort)port)));
        Assert.Equal(Start, _agent.LastStunAt);
    }

    [Fact]
    public void OnStun_CheckAgain_IsAnsweredButNotNew()
    {
        OnStun(Home, Check.Request());
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request()));
        Assert.NotEqual(0, _responseLength);
        Assert.Null(_agent.Selected);
    }

    [Fact]
    public void OnStun_UseCandidateOnAnyCheck_SelectsItsSource()
    {
        OnStun(Home, Check.Request());
        OnStun(Home, Check.Request());
        Assert.Equal(IceOutcome.SelectedChanged, OnStun(Home, Check.Request(nominate: true)));
        Assert.Equal(Home, _agent.Selected);
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request(nominate: true)));
    }

    [Fact]
    public void OnStun_UseCandidateOnTheFirstCheck_SelectsAnAddressNobodyAnnounced()
    {
        // Peer reflexive (section 7.3.1.3): the source is all there is.
        Assert.Equal(IceOutcome.SelectedChanged, OnStun(Away, Check.Request(nominate: true)));
        Assert.Equal(Away, _agent.Selected);
        Assert.True(_agent.IsValidated(Away));
    }

    [Fact]
    public void OnStun_NominationOfAnotherPair_TheLastWins()
    {
        OnStun(Home, Check.Request(nominate: true));
        Assert.Equal(IceOutcome.SelectedChanged, OnStun(Away, Check.Request(nominate: true)));
        Assert.Equal(Away, _agent.Selected);
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request()));
        Assert.Equal(Away, _agent.Selected);
    }

    [Fact]
    public void OnStun_EveryPairIsNominated_TheBestOneStays()
    {
        // Firefox puts USE-CANDIDATE on all checks and then uses the pair of the highest priority; its TCP check comes last.
        OnStun(Home, Check.Request(nominate: true, priority: 2000));
        Assert.Equal(IceOutcome.NewAddressValidated, OnStun(Away, Check.Request(nominate: true, priority: 1000)));
        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void OnStun_WorsePairThatCarriesTheMedia_IsSelectedByItsNextCheck()
    {
        OnStun(Home, Check.Request(nominate: true, priority: 2000));
        _agent.OnTraffic(Start, Home);
        OnStun(Away, Check.Request(nominate: true, priority: 1000));
        _agent.OnTraffic(Start + TimeSpan.FromSeconds(1), Away);
        Assert.Equal(Home, _agent.Selected);                   // by a check only, never by what comes without one

        Assert.Equal(IceOutcome.SelectedChanged, OnStun(Away, Check.Request(), Start + TimeSpan.FromSeconds(1)));
        Assert.Equal(Away, _agent.Selected);
    }

    [Fact]
    public void OnStun_WorsePairThatWasNeverNominated_IsNotSelectedWhateverComesFromIt()
    {
        OnStun(Home, Check.Request(nominate: true, priority: 2000));
        OnStun(Away, Check.Request(priority: 1000));
        _agent.OnTraffic(Start + TimeSpan.FromSeconds(9), Away);
        Assert.Equal(IceOutcome.Responded, OnStun(Away, Check.Request(priority: 1000), Start + TimeSpan.FromSeconds(9)));
        Assert.Equal(Home, _agent.Selected);
    }

    [Fact]
    public void OnStun_WorsePairWhenTheSelectedOneIsSilent_IsSelected()
    {
        OnStun(Home, Check.Request(nominate: true, priority: 2000));
        Assert.Equal(IceOutcome.NewAddressValidated, OnStun(Away, Check.Request(nominate: true, priority: 1000), Start + TimeSpan.FromSeconds(2.9)));
        Assert.Equal(IceOutcome.SelectedChanged, OnStun(Away, Check.Request(nominate: true, priority: 1000), Start + TimeSpan.FromSeconds(3)));
        Assert.Equal(Away, _agent.Selected);
    }

    [Fact]
    public void OnStun_ClientIsControlled_Answers487AndValidatesNothing()
    {
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request(nominate: true, role: StunAttribute.IceControlled)));

        Assert.Equal(DropReason.None, StunMessage.TryParse(Response, out StunMessage answer));
        Assert.Equal((StunType.BindingError, 487), (answer.Type, answer.ErrorCode));
        Assert.True(answer.HasIntegrity(Encoding.UTF8.GetBytes(Check.Server.Password)));
        Assert.False(_agent.IsValidated(Home));
        Assert.Null(_agent.Selected);
    }

    [Fact]
    public void OnStun_AttributeItMustUnderstandButDoesNot_Answers420()
    {
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request(nominate: true, extra: 0x0042)));

        Assert.Equal(DropReason.None, StunMessage.TryParse(Response, out StunMessage answer));
        Assert.Equal((StunType.BindingError, 420), (answer.Type, answer.ErrorCode));
        Assert.True(answer.TryGet(StunAttribute.UnknownAttributes, out ReadOnlySpan<byte> unknown));
        Assert.Equal([0x00, 0x42], unknown.ToArray());
        Assert.True(answer.HasIntegrity(Encoding.UTF8.GetBytes(Check.Server.Password)));
        Assert.Null(_agent.Selected);
        Assert.False(_agent.IsValidated(Home));
    }

    [Fact]
    public void OnStun_OptionalAttributeItDoesNotKnow_IsIgnored() =>
        Assert.Equal(IceOutcome.NewAddressValidated, OnStun(Home, Check.Request(extra: 0xC057)));

    [Fact]
    public void OnStun_WrongPassword_IsDroppedSilently()
    {
        byte[] request = Check.Request(nominate: true, server: Check.Server with { Password = "server-password-00000x" });
        AssertDropped(DropReason.StunAuthentication, Home, request);
        Assert.False(_agent.IsValidated(Home));
    }

    [Fact]
    public void OnStun_WithoutIntegrity_IsDroppedSilently()
    {
        AssertDropped(DropReason.StunAuthentication, Home, Check.Request(server: Check.Server with { Password = "" }));
        AssertDropped(DropReason.StunAuthentication, Home, Check.Bare(StunType.BindingRequest, Check.Server.Password));
    }

    [Theory]
    [InlineData("srvX", "cliU")]
    [InlineData("srvU", "cliX")]
    [InlineData("srvU", "cliUx")]
    [InlineData("srvU", "")]
    public void OnStun_AnotherUserName_IsDroppedSilently(string server, string client) =>
        AssertDropped(DropReason.UnknownUfrag, Home, Check.Request(server: Check.Server with { Ufrag = server }, client: Check.Client with { Ufrag = client }));

    [Theory]
    [InlineData(StunType.BindingResponse)]
    [InlineData(StunType.BindingError)]
    [InlineData((StunType)0x0003)]                                                  // TURN Allocate
    public void OnStun_NotACheck_IsDroppedSilently(StunType type) => AssertDropped(DropReason.StunUnexpected, Home, Check.Bare(type));

    [Fact]
    public void OnStun_Indication_KeepsAValidatedSourceOnly()
    {
        AssertDropped(DropReason.UnknownSource, Home, Check.Bare(StunType.BindingIndication));
        OnStun(Home, Check.Request());
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Bare(StunType.BindingIndication)));
        Assert.Equal(0, _responseLength);
    }

    [Fact]
    public void OnStun_CheckRepeatedFromItsSource_IsAnsweredAgainAndProvesNothing()
    {
        byte[] request = Check.Request(nominate: true);
        OnStun(Home, request);
        Assert.Equal(IceOutcome.Repeated, OnStun(Home, request, Start + TimeSpan.FromSeconds(9)));
        Assert.NotEqual(0, _responseLength);
        Assert.Equal(Start, _agent.LastStunAt);
    }

    [Fact]
    public void OnStun_CheckRepeatedFromAFormerAddress_DoesNotMoveTheMediaBack()
    {
        byte[] captured = Check.Request(nominate: true);
        OnStun(Home, captured);
        OnStun(Away, Check.Request(nominate: true));

        Assert.Equal(IceOutcome.Repeated, OnStun(Home, captured));

        Assert.Equal(Away, _agent.Selected);
    }

    [Fact]
    public void OnStun_CheckReplayedAfterAThousandOthers_IsStillKnown()
    {
        byte[] captured = Check.Request(nominate: true);
        OnStun(Home, captured);
        for (int i = 0; i < 1000; i++) OnStun(Home, Check.Request(nominate: true));

        AssertDropped(DropReason.Replay, Away, captured);
    }

    [Fact]
    public void OnStun_CheckReplayedFromElsewhere_DoesNotMoveTheMedia()
    {
        byte[] request = Check.Request(nominate: true);
        OnStun(Home, request);
        AssertDropped(DropReason.Replay, Away, request);
        Assert.Equal(Home, _agent.Selected);
        Assert.False(_agent.IsValidated(Away));
    }

    [Fact]
    public void OnStun_ManyAddresses_ForgetsTheOneHeardLeastRecently()
    {
        OnStun(Home, Check.Request(nominate: true));
        for (ushort i = 1; i < IceLiteAgent.MaxAddresses; i++) OnStun(Address("192.0.2.9", i), Check.Request(), Start + TimeSpan.FromSeconds(i));
        OnStun(Address("192.0.2.9", 1), Check.Request(), Start + TimeSpan.FromSeconds(20));

        Assert.Equal(IceOutcome.NewAddressValidated, OnStun(Away, Check.Request(), Start + TimeSpan.FromSeconds(21)));

        Assert.True(_agent.IsValidated(Home), "selected: stays however long ago it was heard");
        Assert.True(_agent.IsValidated(Away));
        Assert.True(_agent.IsValidated(Address("192.0.2.9", 1)));
        Assert.False(_agent.IsValidated(Address("192.0.2.9", 2)));
        Assert.True(_agent.IsValidated(Address("192.0.2.9", 3)));
    }

    [Fact]
    public void OnStun_SameAddressByTcp_IsAnotherSource()
    {
        OnStun(Home, Check.Request(nominate: true));
        TransportAddress tcp = Home with { Protocol = TransportProtocol.Tcp, Connection = 3 };
        Assert.Equal(IceOutcome.SelectedChanged, OnStun(tcp, Check.Request(nominate: true)));
        Assert.Equal(tcp, _agent.Selected);
    }

    [Fact]
    public void Restart_OldCredentials_LiveUntilTheNewOnesNominate()
    {
        OnStun(Home, Check.Request(nominate: true));
        _agent.Restart(NewServer, NewClient);
        Assert.Equal(Home, _agent.Selected);

        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request()));
        Assert.Equal(IceOutcome.NewAddressValidated, OnStun(Away, Check.Request(server: NewServer, client: NewClient)));
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request(nominate: true)));
        Assert.Equal(IceOutcome.SelectedChanged, OnStun(Away, Check.Request(nominate: true, server: NewServer, client: NewClient)));

        AssertDropped(DropReason.UnknownUfrag, Home, Check.Request());
        Assert.Equal(Away, _agent.Selected);
    }

    [Fact]
    public void Restart_NominationOfTheSameAddress_EndsTheOldCredentialsToo()
    {
        OnStun(Home, Check.Request(nominate: true));
        _agent.Restart(NewServer, NewClient);
        Assert.Equal(IceOutcome.Responded, OnStun(Home, Check.Request(nominate: true, server: NewServer, client: NewClient)));
        AssertDropped(DropReason.UnknownUfrag, Home, Check.Request());
    }

    [Theory]
    [InlineData("chromium", 3)]
    [InlineData("firefox", 1)]
    [InlineData("aiortc", 3)]
    [InlineData("gstreamer", 2)]
    [InlineData("wrtc", 3)]
    public void OnStun_FirstChecksOfAClient_ValidateAndNominate(string client, int nominatedAt)
    {
        FirstPackets packets = FirstPackets.Of(client);
        Assert.Equal(DropReason.None, StunMessage.TryParse(packets.Checks[0], out StunMessage first));
        Assert.True(first.TryGetUsername(out ReadOnlySpan<byte> name));
        string[] ufrags = Encoding.UTF8.GetString(name).Split(':');
        var agent = new IceLiteAgent(new IceCredentials(ufrags[0], packets.Password), new IceCredentials(ufrags[1], "unused-by-a-lite-agent"));

        for (int i = 1; i <= packets.Checks.Count; i++)
        {
            IceOutcome outcome = agent.OnStun(Start, Home, packets.Checks[i - 1], _response, out int length);
            Assert.Equal(i == nominatedAt ? IceOutcome.SelectedChanged : i == 1 ? IceOutcome.NewAddressValidated : IceOutcome.Responded, outcome);
            Assert.Equal(DropReason.None, StunMessage.TryParse(_response.AsSpan(0, length), out StunMessage answer));
            Assert.True(answer.HasIntegrity(Encoding.UTF8.GetBytes(packets.Password)));
            Assert.True(length <= packets.Checks[i - 1].Length, "an answer is no larger than what asked for it");
        }
    }

    [Fact]
    public void OnStun_ChecksAndGarbage_AllocateNothing()
    {
        byte[][] checks = [.. Enumerable.Range(0, 100).Select(i => Check.Request(nominate: i % 2 == 0))];
        byte[] forged = Check.Request(server: Check.Server with { Password = "server-password-00000x" });
        long allocated = Allocations.Of(10_000, i =>
        {
            OnStun(Home, checks[i % checks.Length]);
            OnStun(Away, forged);
        });

        Assert.Equal(0, allocated);
    }

    private ReadOnlySpan<byte> Response => _response.AsSpan(0, _responseLength);

    private static TransportAddress Address(string address, ushort port) => TransportAddress.From(new IPEndPoint(IPAddress.Parse(address), port));

    private IceOutcome OnStun(TransportAddress from, byte[] datagram, MediaTime? now = null) =>
        _agent.OnStun(now ?? Start, from, datagram, _response, out _responseLength);

    private void AssertDropped(DropReason reason, TransportAddress from, byte[] datagram)
    {
        Assert.Equal(IceOutcome.Dropped, OnStun(from, datagram));
        Assert.Equal((reason, 0), (_agent.LastDrop, _responseLength));
    }

    private static (string, int) Unmask(ReadOnlySpan<byte> mapped, ReadOnlySpan<byte> transaction)
    {
        byte[] mask = [0x21, 0x12, 0xA4, 0x42, .. transaction];
        byte[] address = [.. mapped[4..].ToArray().Select((value, i) => (byte)(value ^ mask[i]))];
        return (new IPAddress(address).ToString(), (mapped[2] ^ mask[0]) << 8 | mapped[3] ^ mask[1]);
    }
}
