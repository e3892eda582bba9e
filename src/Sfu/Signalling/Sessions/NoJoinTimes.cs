using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>Where nobody measures.</summary>
internal sealed class NoJoinTimes : IJoinTimes
{
    /// <inheritdoc/>
    public void Connected(ClientProtocol protocol, TimeSpan took)
    {
    }
}
