using Sfu.Nodes.Recording;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>The cluster's side of a room's recordings: one activation and its clock. <see cref="RecordingKeeper"/> does the work.</summary>
[CollectionAgeLimit(Minutes = 5)]
internal sealed class RecordingGrain(RecordingServices services) : Grain, IRecordingGrain
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);
    private RecordingKeeper _keeper = null!;
    private IGrainTimer? _timer;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!RoomKey.TryParse(this.GetPrimaryKeyString(), out RoomKey key))
            throw new ArgumentException($"'{this.GetPrimaryKeyString()}' is not a room key.");
        _keeper = new RecordingKeeper(key, services);
        if (await _keeper.OpenAsync() is { } error) throw new Rooms.Storage.RoomStoreException(error.Message);
        Settle();
    }

    /// <inheritdoc/>
    public Task<RecordingAnswer> EnsureAsync(RecordingDemand demand) => DoAsync(_keeper.EnsureAsync(demand));

    /// <inheritdoc/>
    public Task<RecordingAnswer> PauseAsync(Guid? recording, PauseWish wish, RoomActor by) => DoAsync(_keeper.PauseAsync(recording, wish, by));

    /// <inheritdoc/>
    public Task<RecordingAnswer> ResumeAsync(Guid? recording, ParticipantId? participant, RoomActor by) =>
        DoAsync(_keeper.ResumeAsync(recording, participant, by));

    /// <inheritdoc/>
    public Task<RecordingAnswer> StopAsync(Guid? recording, RoomActor by) => DoAsync(_keeper.StopAsync(recording, by));

    /// <inheritdoc/>
    public Task<RecordingState?> GetAsync() => Task.FromResult(_keeper.Journal.Current);

    /// <inheritdoc/>
    public Task OnHealthAsync(Guid recording, NodeRecordingHealth health) => DoAsync(HealthAsync(recording, health));

    /// <inheritdoc/>
    public Task PokeAsync() => DoAsync(TickAsync());

    private async Task<bool> HealthAsync(Guid recording, NodeRecordingHealth health)
    {
        await _keeper.OnHealthAsync(recording, health);
        return true;
    }

    private async Task<bool> TickAsync()
    {
        await _keeper.TickAsync();
        await _keeper.ForgetAsync();
        return true;
    }

    private async Task<T> DoAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        finally
        {
            Settle();
        }
    }

    /// <summary>Recordings that are not over get a clock, which also keeps them active; a superseded owner ends.</summary>
    private void Settle()
    {
        if (_keeper.Journal.IsSuperseded) DeactivateOnIdle();
        if (_keeper.IsBusy && _timer is null)
        {
            _timer = this.RegisterGrainTimer(
                static (grain, _) => grain.PokeAsync(), this, new GrainTimerCreationOptions(TickPeriod, TickPeriod) { KeepAlive = true });
        }
        else if (!_keeper.IsBusy && _timer is not null)
        {
            _timer.Dispose();
            _timer = null;
        }
    }
}
