namespace Sfu.Hosting;

/// <summary>Log of start, stop and certificates.</summary>
internal static partial class HostLog // event ids 1000-1049: Sfu/Hosting
{
    [LoggerMessage(1000, LogLevel.Information, "Listening on {Url}; version {Version}, data in {DataDirectory}")]
    public static partial void Listening(this ILogger logger, string url, string version, string dataDirectory);

    [LoggerMessage(1001, LogLevel.Information, "Stopping: no new calls")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(1002, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(1003, LogLevel.Warning, "Plain HTTP on {Address}: tokens can be read on the way unless a proxy in front does TLS")]
    public static partial void PlainHttp(this ILogger logger, string address);

    [LoggerMessage(1004, LogLevel.Warning, "There is no meeting page in wwwroot: dotnet publish puts it there, and needs npm")]
    public static partial void NoPage(this ILogger logger);

    [LoggerMessage(1005, LogLevel.Information, "The packet path is compiled: {Rounds} rounds of packets in memory, {ElapsedMs} ms")]
    public static partial void WarmedUp(this ILogger logger, int rounds, long elapsedMs);

    [LoggerMessage(1006, LogLevel.Error, "The call in memory that is to have the packet path compiled did not work; real calls may not either")]
    public static partial void WarmUpFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1007, LogLevel.Debug, "The start failed, and ending what had started did too")]
    public static partial void StopAfterFailureFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1010, LogLevel.Information, "Certificate of {Subject}, valid until {NotAfter:u}")]
    public static partial void CertificateLoaded(this ILogger logger, string subject, DateTime notAfter);

    [LoggerMessage(1011, LogLevel.Warning, "The changed certificate files cannot be used, the old certificate stays: {Problem}")]
    public static partial void CertificateRefused(this ILogger logger, string problem);

    [LoggerMessage(1012, LogLevel.Warning, "The certificate of {Subject} ends at {NotAfter:u}, in {Days} days: replace its files, no restart is needed")]
    public static partial void CertificateEnds(this ILogger logger, string subject, DateTime notAfter, int days);

    [LoggerMessage(1020, LogLevel.Error, "Request {Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path);
}
