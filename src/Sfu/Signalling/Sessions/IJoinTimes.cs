using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>Takes how long joins took; the metrics keep a histogram of it.</summary>
internal interface IJoinTimes
{
    /// <summary>Media of a participant flows for the first time.</summary>
    /// <param name="protocol">How it joined.</param>
    /// <param name="took">From the <c>join</c> message or the POST on.</param>
    void Connected(ClientProtocol protocol, TimeSpan took);
}
