namespace Sfu.Nodes;

/// <summary>One holder of a room's gate: changes are made while it lives, notifications go out when it ends.</summary>
internal readonly ref struct RoomTurn
{
    private readonly MediaRoom _room;

    internal RoomTurn(MediaRoom room)
    {
        _room = room;
        room.Gate.Enter();
    }

    /// <summary>Serves the players that wait, leaves the gate, then delivers what the turn had to tell.</summary>
    public void Dispose()
    {
        IReadOnlyList<Sessions.MediaSession> told;
        try
        {
            _room.FillAll();
            told = _room.TakeTold();
        }
        finally
        {
            _room.Gate.Exit();
        }

        foreach (Sessions.MediaSession session in told) session.Deliver();
    }
}
