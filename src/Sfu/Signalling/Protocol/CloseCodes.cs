namespace Sfu.Signalling.Protocol;

/// <summary>WebSocket close codes of docs/signalling.md section 6.</summary>
internal static class CloseCodes
{
    /// <summary>Done.</summary>
    public const int Done = 1000;

    /// <summary>Against the rules, or silent for too long.</summary>
    public const int Policy = 1008;

    /// <summary>A frame over its size.</summary>
    public const int TooBig = 1009;

    /// <summary>Our fault.</summary>
    public const int ServerError = 1011;

    /// <summary>Later: draining, full, too slow, stopping.</summary>
    public const int Later = 1013;

    /// <summary>The token is not good.</summary>
    public const int BadToken = 4401;

    /// <summary>No <c>join</c> in time.</summary>
    public const int NoJoin = 4408;

    /// <summary>The same identity joined again, or another socket resumed the session.</summary>
    public const int Replaced = 4409;
}
