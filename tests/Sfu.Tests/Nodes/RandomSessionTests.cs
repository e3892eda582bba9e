using System.Globalization;
using Xunit.Sdk;

namespace Sfu.Tests.Nodes;

public sealed class RandomSessionTests
{
    private const int Operations = 200;

    /// <summary>Long random calls: whatever clients, room and worker do, the worker holds what the sections imply, and once all
    /// is quiet everybody receives what it should.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Offers_RandomOperations_KeepTheInvariants(int block)
    {
        for (int seed = block * 25; seed < (block + 1) * 25; seed++) Assert.False(await RunAsync(seed, spans: false));
    }

    /// <summary>The same calls with the room on two workers.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Offers_RandomOperationsOnTwoWorkers_KeepTheInvariants(int block)
    {
        int piped = 0;
        for (int seed = block * 25; seed < (block + 1) * 25; seed++) piped += await RunAsync(seed, spans: true) ? 1 : 0;
        Assert.True(piped > 20, $"Only {piped} of 25 calls piped anything.");
    }

    private static async Task<bool> RunAsync(int seed, bool spans)
    {
        var call = new RandomCall(seed, spans);
        try
        {
            for (int i = 0; i < Operations; i++) await call.StepAsync();
            await call.SettleAsync();
            return call.HasPiped;
        }
        catch (Exception error)
        {
            throw new XunitException(string.Create(
                CultureInfo.InvariantCulture, $"Seed {seed}, after: {string.Join("; ", call.Trace.TakeLast(12))}\n{error}"));
        }
    }
}
