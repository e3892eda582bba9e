using Sfu.Media.Ice;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Ice;

/// <summary>The client side that drives simulations, against the server side.</summary>
public sealed class IceControllingAgentTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(1);
    private static readonly TransportAddress Home = TransportAddress.FromIPv4(0xC000_0201, 5000);

    private readonly IceLiteAgent _server = new(Check.Server, Check.Client);
    private readonly IceControllingAgent _client;
    private readonly byte[] _request = new byte[200];
    private readonly byte[] _response = new byte[200];
    private byte _random;

    public IceControllingAgentTests() => _client = new IceControllingAgent(Check.Client, Check.Server, bytes => bytes.Span.Fill(++_random));

    [Fact]
    public void OnStun_AnswerToItsCheck_ConnectsAndSlowsDown()
    {
        int length = _client.OnDeadline(Start, _request);
        Assert.Equal(IceOutcome.SelectedChanged, _server.OnStun(Start, Home, _request.AsSpan(0, length), _response, out int answer));
        Assert.False(_client.Connected);

        Assert.Equal(DropReason.None, _client.OnStun(Start, _response.AsSpan(0, answer)));

        Assert.True(_client.Connected);
        Assert.Equal(Start + TimeSpan.FromSeconds(2.5), _client.NextDeadline);
        Assert.Equal(0, _client.OnDeadline(Start + TimeSpan.FromSeconds(2.4), _request));
        Assert.NotEqual(0, _client.OnDeadline(Start + TimeSpan.FromSeconds(2.5), _request));
    }

    [Fact]
    public void OnDeadline_WithoutAnswer_ChecksEvery50Milliseconds()
    {
        Assert.NotEqual(0, _client.OnDeadline(Start, _request));
        Assert.Equal(0, _client.OnDeadline(Start + TimeSpan.FromMilliseconds(49), _request));
        Assert.NotEqual(0, _client.OnDeadline(Start + TimeSpan.FromMilliseconds(50), _request));
    }

    [Fact]
    public void OnStun_AnswerAfterSeveralMoreChecks_Connects()
    {
        // A round trip of 400 ms: seven more checks leave before the first answer comes.
        int length = _client.OnDeadline(Start, _request);
        _server.OnStun(Start, Home, _request.AsSpan(0, length), _response, out int answer);
        for (int i = 1; i < 8; i++) Assert.NotEqual(0, _client.OnDeadline(Start + TimeSpan.FromMilliseconds(50 * i), _request));

        Assert.Equal(DropReason.None, _client.OnStun(Start + TimeSpan.FromMilliseconds(400), _response.AsSpan(0, answer)));

        Assert.True(_client.Connected);
    }

    [Fact]
    public void OnStun_AnswerOlderThanItsMemoryOrForged_IsRefused()
    {
        int length = _client.OnDeadline(Start, _request);
        _server.OnStun(Start, Home, _request.AsSpan(0, length), _response, out int answer);
        for (int i = 1; i <= 32; i++) _client.OnDeadline(Start + TimeSpan.FromMilliseconds(50 * i), _request);

        Assert.Equal(DropReason.StunUnexpected, _client.OnStun(Start, _response.AsSpan(0, answer)));
        Assert.Equal(DropReason.StunUnexpected, _client.OnStun(Start, Check.Request()));
        Assert.Equal(DropReason.Truncated, _client.OnStun(Start, default));
        Assert.False(_client.Connected);
    }
}
