using Sfu.Configuration;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Checks requests before a room is asked, so that the answer names the member; the room has the same rules.</summary>
internal static class RoomFields
{
    /// <summary>Longest text that says why, in characters (docs/signalling.md: reason of kick).</summary>
    public const int MaxReasonLength = 256;

    private static readonly long LongestMs = (long)TimeSpan.FromDays(7).TotalMilliseconds;

    /// <summary>The first wrong member, or null.</summary>
    /// <param name="request">Settings of a room.</param>
    /// <param name="limits">The configuration's limits.</param>
    public static IResult? Check(UpdateRoomRequest request, RoomOptions limits)
    {
        if (request.Metadata is not null && !Names.IsText(request.Metadata, Names.MaxMetadataLength))
        {
            return Answers.BadField("metadata", $"metadata must be text of at most {Names.MaxMetadataLength} characters without control characters.");
        }

        if (request.MaxParticipants is < 1 || request.MaxParticipants > limits.MaxParticipantsLimit)
        {
            return Answers.BadField("maxParticipants", $"maxParticipants must be 1 to {limits.MaxParticipantsLimit}.");
        }

        if (request.EmptyTimeoutMs is < 1000 || request.EmptyTimeoutMs > LongestMs) return Answers.BadField("emptyTimeoutMs", $"emptyTimeoutMs must be 1000 to {LongestMs}.");
        return request.DepartureTimeoutMs is < 0 || request.DepartureTimeoutMs > LongestMs
            ? Answers.BadField("departureTimeoutMs", $"departureTimeoutMs must be 0 to {LongestMs}.")
            : null;
    }

    /// <summary>The first wrong member, or null.</summary>
    public static IResult? Check(UpdateParticipantRequest request)
    {
        if (request.Name is not null && !Names.IsText(request.Name, Names.MaxDisplayNameLength))
        {
            return Answers.BadField("name", $"name must be text of at most {Names.MaxDisplayNameLength} characters without control characters.");
        }

        return request.Metadata is not null && !Names.IsText(request.Metadata, Names.MaxMetadataLength)
            ? Answers.BadField("metadata", $"metadata must be text of at most {Names.MaxMetadataLength} characters without control characters.")
            : null;
    }

    /// <summary>A problem when the reason is no text of that length, or null.</summary>
    public static IResult? CheckReason(string? reason) =>
        reason is not null && !Names.IsText(reason, MaxReasonLength)
            ? Answers.BadField("reason", $"reason must be text of at most {MaxReasonLength} characters without control characters.")
            : null;
}
