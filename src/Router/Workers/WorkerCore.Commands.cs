using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Workers;

/// <content>What the control plane asks for.</content>
internal sealed partial class WorkerCore
{
    /// <summary>Carries out a command; one for an id that is gone is counted.</summary>
    internal void Execute(MediaTime now, WorkerCommand command)
    {
        _output.BeginTurn(now);
        bool isStale = false;
        switch (command)
        {
            case OpenTransport open:
                isStale = _transports.TryFind(open.Transport, out _);
                if (!isStale) Open(now, open);
                break;
            case RestartIce restart:
                isStale = !Restart(restart);
                break;
            case CloseTransport close:
                isStale = !_transports.TryFind(close.Transport, out ParticipantTransport? transport);
                if (transport is not null) Close(now, transport, TransportCloseReason.Commanded);
                break;
            case CloseRoom close:
                HostedRoom? room = Rooms.Find(close.Room);
                isStale = room is null;
                if (room is not null) CloseAll(now, room, TransportCloseReason.Commanded);
                break;
            case PassBarrier barrier:
                barrier.Passed();
                break;
            case ReleasePipe release:
                _pipes.Release(release.Pipe, release.IsWriter);
                if (release.IsWriter) foreach (HostedRoom one in Rooms.All) one.Router.RemoveOutlets(release.Pipe);
                break;
            default:
                isStale = !ExecuteInRoom(now, command);
                break;
        }

        if (!isStale) return;
        StaleCommands++;
        if (command is RemoveTap { Detached: { } detached }) detached();   // its producer is gone, so it is detached
    }

    private void Open(MediaTime now, OpenTransport command)
    {
        HostedRoom room = Rooms.Find(command.Room) ?? Rooms.Add(
            command.Room, new RoomRouter(command.Room, new RoomContext(
                _events, Counters, _output, _index, _anchor(), _options.Seed, _options.Ingress, Shedding, _pipes)));
        if (Create(now, room, command) is not { } transport) return;
        _transports.Add(transport);
        room.Transports.Add(transport);
        if (_transports.TryAddUfrag(transport, command.Local.Ufrag)) Schedule(transport);
        else Close(now, transport, TransportCloseReason.Failed);
    }

    private ParticipantTransport? Create(MediaTime now, HostedRoom room, OpenTransport command)
    {
        int slot = _transports.TakeSlot();
        _output.EnsureSlots(slot + 1);
        try
        {
            return new ParticipantTransport(
                slot, room, command.Transport, new IceLiteAgent(command.Local, command.Remote), new DtlsTransport(_dtls, command.Fingerprints),
                _options.Timeouts, now);
        }
        catch (Exception error)
        {
            _transports.ReturnSlot(slot);
            _events.Post(new TransportClosed(room.Id, command.Transport, TransportCloseReason.Failed));
            Fail(now, room, error);
            return null;
        }
    }

    private bool Restart(RestartIce command)
    {
        if (!_transports.TryFind(command.Transport, out ParticipantTransport? transport)) return false;
        _transports.KeepNewestUfrag(transport);            // a restart that never completed is given up
        if (!_transports.TryAddUfrag(transport, command.Local.Ufrag)) return false;
        transport.Ice.Restart(command.Local, command.Remote);
        return true;
    }

    private bool ExecuteInRoom(MediaTime now, WorkerCommand command)
    {
        if (FindRoom(command) is not { } room) return false;
        Rooms.Touch(room);
        try
        {
            return room.Router.Execute(now, command);
        }
        catch (Exception error)
        {
            Fail(now, room, error);
            return true;
        }
    }

    private HostedRoom? FindRoom(WorkerCommand command)
    {
        switch (command)
        {
            case AddProducer add:
                return _transports.TryFind(add.Transport, out ParticipantTransport? from) ? from.Room : null;
            case AddConsumer add:
                return _transports.TryFind(add.Transport, out ParticipantTransport? to) ? to.Room : null;
            case AddPipedProducer add:
                return Rooms.Find(add.Room);
            default:
                return _index.Find(command) is { } room ? Rooms.Find(room) : null;
        }
    }
}
