using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>The grain of a room; in the server <see cref="IGrainFactory"/>, in tests a fake.</summary>
internal delegate IRoomGrain RoomLookup(RoomKey room);
