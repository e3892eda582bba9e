using Microsoft.Extensions.Logging;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>Keeps what was logged, so that tests can ask for it and failures show it.</summary>
internal sealed class FakeLogger<T> : ILogger<T>
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public string Text
    {
        get
        {
            lock (_gate) return string.Join('\n', _lines);
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate) _lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
    }
}
