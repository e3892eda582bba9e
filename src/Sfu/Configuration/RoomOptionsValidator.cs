using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="RoomOptions"/>.</summary>
internal sealed class RoomOptionsValidator : IValidateOptions<RoomOptions>
{
    private const string Section = RoomOptions.Section;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RoomOptions options)
    {
        var problems = new List<string>();
        Number(nameof(options.MaxParticipantsLimit), options.MaxParticipantsLimit, 1, 1000);
        Number(nameof(options.MaxParticipants), options.MaxParticipants, 1, Math.Max(1, options.MaxParticipantsLimit));
        Number(nameof(options.MaxTracks), options.MaxTracks, 1, 64);
        Number(nameof(options.MaxWaiting), options.MaxWaiting, 1, 1000);
        Number(nameof(options.MaxRooms), options.MaxRooms, 1, 100_000);
        Number(nameof(options.MaxRoomsPerTenant), options.MaxRoomsPerTenant, 1, 100_000);
        Number(nameof(options.MaxParticipantsPerNode), options.MaxParticipantsPerNode, 1, 100_000);
        Number(nameof(options.JoinsPerSecond), options.JoinsPerSecond, 1, 1000);
        Number(nameof(options.JoinQueue), options.JoinQueue, 0, 10_000);
        Number(nameof(options.ResumesPerSecond), options.ResumesPerSecond, 1, 10_000);
        Number(nameof(options.ResumeQueue), options.ResumeQueue, 0, 100_000);
        Time(nameof(options.EmptyTimeout), options.EmptyTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        Time(nameof(options.DepartureTimeout), options.DepartureTimeout, TimeSpan.Zero, TimeSpan.FromDays(7));
        Time(nameof(options.LobbyTimeout), options.LobbyTimeout, TimeSpan.FromSeconds(10), TimeSpan.FromHours(24));
        Time(nameof(options.NodeLostTimeout), options.NodeLostTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Time(nameof(options.LogRetention), options.LogRetention, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        return OptionRules.Result(problems);

        void Number(string option, int value, int least, int most) => OptionRules.Range(problems, $"{Section}:{option}", value, least, most);

        void Time(string option, TimeSpan value, TimeSpan least, TimeSpan most) =>
            OptionRules.Range(problems, $"{Section}:{option}", value, least, most);
    }
}
