namespace Sfu.Verify;

/// <summary>Checks the time-stamp tokens of a folder.</summary>
internal sealed class Tokens(Evidence files, Report report) : IDisposable
{
    private const int MaxTokenSize = 128 << 10, MaxAuthoritiesSize = 1 << 20;
    private const string AuthoritiesName = "tsa.pem";

    /// <summary>A token made before its manifest was signed by more than this contradicts it; less is two clocks.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly TokenCheck _check = new();

    /// <summary>Reads the authorities.</summary>
    /// <param name="pinned">PEM of the authorities that who checks trusts; null for those of the folder.</param>
    internal void Load(byte[]? pinned)
    {
        byte[]? own = files.Read(AuthoritiesName, MaxAuthoritiesSize);
        if (!files.Has(AuthoritiesName)) Add("file_removed", AuthoritiesName, "it is written before the first segment");
        byte[]? pem = pinned ?? own;
        if (pem is not null && !_check.Load(pem) && pinned is null) Add("malformed", AuthoritiesName, "no certificates in PEM and nothing else");
    }

    /// <summary>Checks the token of a manifest that is known to be genuine.</summary>
    internal void Check(string name, byte[] content, DateTimeOffset signedAt)
    {
        string token = name + ".tsr";
        if (!files.Has(token))
        {
            report.Add(Verdict.TimeUnattested, "token_missing", token, "no time-stamp yet");
            return;
        }
        if (files.Read(token, MaxTokenSize) is not { } response) return;
        TokenState state = _check.Check(response, content, out DateTimeOffset time, out string detail);
        if (state == TokenState.Wrong) Add("token_wrong", token, detail);
        else if (state == TokenState.UnknownAuthority) report.Add(Verdict.TimeUnattested, "unknown_authority", token, detail);
        else if (time < signedAt - Tolerance)
            report.Add(Verdict.TimeUnattested, "time_contradiction", token, $"attested at {time:u}, before the manifest says it was signed ({signedAt:u})");
        else Attested(token, time - signedAt, detail);
    }

    public void Dispose() => _check.Dispose();

    private void Attested(string token, TimeSpan late, string authority)
    {
        report.Attested++;
        report.Authorities.Add(authority);
        if (late > TimeSpan.FromDays(1)) report.Add(Verdict.ValidComplete, "token_late", token, $"attested {late.TotalHours:F0} hours after it was signed");
    }

    private void Add(string code, string name, string detail)
    {
        if (!report.IsTampered(name)) report.Add(Verdict.Tampered, code, name, detail);
    }
}
