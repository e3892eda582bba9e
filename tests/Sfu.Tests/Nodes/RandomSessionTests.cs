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
        for (int seed = block * 25; seed < (block + 1) * 25; seed++) await RunAsync(seed);
    }

    private static async Task RunAsync(int seed)
    {
        var call = new RandomCall(seed);
        try
        {
            for (int i = 0; i < Operations; i++) await call.StepAsync();
            await call.SettleAsync();
        }
        catch (Exception error)
        {
            throw new XunitException(string.Create(
                CultureInfo.InvariantCulture, $"Seed {seed}, after: {string.Join("; ", call.Trace.TakeLast(12))}\n{error}"));
        }
    }
}
