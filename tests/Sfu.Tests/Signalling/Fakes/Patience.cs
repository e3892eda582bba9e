namespace Sfu.Tests.Signalling.Fakes;

/// <summary>How long tests wait, in real time, for what the server's own threads do: only a broken server takes as long.</summary>
internal static class Patience
{
    public static readonly TimeSpan Real = TimeSpan.FromSeconds(60);
}
