using Sfu.Rooms;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>The rights that tests use.</summary>
internal static class Rights
{
    public static ParticipantRights Participant { get; } = new(true, true, true, false, false, false, []);

    public static ParticipantRights Host { get; } = Participant with { Admin = true };

    public static ParticipantRights Hidden { get; } = Participant with { Hidden = true };
}
