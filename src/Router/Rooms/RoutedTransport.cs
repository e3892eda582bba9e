using Sfu.Router.Workers;

namespace Sfu.Router.Rooms;

/// <summary>One participant's transport as its room sees it: what it sends and what it is sent.</summary>
/// <remarks>Made by <see cref="RoomRouter.AddTransport"/>; owned by the room's worker.</remarks>
public sealed partial class RoutedTransport
{
    internal RoutedTransport(TransportId id, ITransportOutput output)
    {
        Id = id;
        Output = output;
    }

    /// <summary>Its id.</summary>
    public TransportId Id { get; }

    internal ITransportOutput Output { get; }
}
