namespace Sfu.Rooms.Storage;

/// <summary>The store could not be reached, read or written. Whether a write took place is not known: load before the next one.</summary>
[GenerateSerializer]
public sealed class RoomStoreException : Exception
{
    /// <summary>For a failure without cause.</summary>
    public RoomStoreException()
    {
    }

    /// <summary>For a failure of the server's own making, such as a full queue.</summary>
    public RoomStoreException(string message) : base(message)
    {
    }

    /// <summary>For a failure of the store.</summary>
    public RoomStoreException(string message, Exception inner) : base(message, inner)
    {
    }
}
