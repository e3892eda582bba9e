using System.Runtime.CompilerServices;

namespace Sfu.Tests;

/// <summary>Waits for what another thread or process brings about: real time, looked at every 5 ms, always with a limit and a word on what did not come.</summary>
/// <remarks>A source file that test projects link: <c>&lt;Compile Include="../Shared/Eventually.cs" Link="Eventually.cs" /&gt;</c>.</remarks>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30), Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Until something is so.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="meanwhile">Done before each further look, such as letting a clock go on.</param>
    /// <param name="describe">Says how things stand when it did not come.</param>
    /// <param name="what">The condition as it is written.</param>
    internal static Task TrueAsync(
        Func<bool> condition, Action? meanwhile = null, Func<string>? describe = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), meanwhile, describe, what);

    /// <summary>The same of something that is asked for.</summary>
    internal static async Task TrueAsync(
        Func<Task<bool>> condition, Action? meanwhile = null, Func<string>? describe = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"not so within {Limit.TotalSeconds} s: {what} {describe?.Invoke()}");
            meanwhile?.Invoke();
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
