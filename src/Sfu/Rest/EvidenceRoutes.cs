using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Sfu.Recordings;
using Sfu.Recordings.Evidence;
using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Rooms.Storage;

namespace Sfu.Rest;

/// <summary>What the evidence of a recording says: timeline, gaps, quality, manifest, proofs, and the verifier's verdict.</summary>
internal static class EvidenceRoutes
{
    private const int MaxProofs = 1000;
    private const int MaxLimit = 1000;
    private const string IdText = "Id of the recording.";

    /// <summary>Maps the routes.</summary>
    public static void MapEvidence(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/recordings/{recording}/timeline", TimelineAsync).WithName("getRecordingTimeline").Needs(Grant.RoomRecord)
            .Says("Read what happened in a recorded call", "Events of the room and steps of the recording, in order, in pages.")
            .Produces<TimelineList>().Refuses(400, 404, 503);
        routes.MapGet("/recordings/{recording}/gaps", GapsAsync).WithName("getRecordingGaps").Needs(Grant.RoomRecord)
            .Says("Read the gaps", "What is missing, with causes; once sealed.").Produces<GapList>().Refuses(404, 409, 503);
        routes.MapGet("/recordings/{recording}/quality", QualityAsync).WithName("getRecordingQuality").Needs(Grant.RoomRecord)
            .Says("Read the quality", "Scores of the call and of each participant; once sealed.").Produces<QualityResource>().Refuses(404, 409, 503);
        routes.MapGet("/recordings/{recording}/manifest", ManifestAsync).WithName("getRecordingManifest").Needs(Grant.RoomRecord)
            .Says("Get the sealed manifest", "The exact bytes that are signed.").Produces<JsonElement>().Refuses(404, 409, 503);
        routes.MapGet("/recordings/{recording}/proofs", ProofsAsync).WithName("getRecordingProofs").Needs(Grant.RoomRecord)
            .Says("Get inclusion proofs", "RFC 9162 proofs that chunks belong to the sealed recording.").Produces<InclusionProofs>().Refuses(400, 404, 409, 503);
        routes.MapPost("/recordings/{recording}:verify", VerifyAsync).WithName("verifyRecording").Needs(Grant.RoomRecord)
            .Says("Check a recording", "Runs the verifier that auditors run; takes up to a minute.").Produces<VerificationResource>().Refuses(404, 409, 503);
    }

    private static async Task<IResult> TimelineAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store,
        [FromQuery, Description("Only entries after this place; default 0.")] long? after,
        [FromQuery, Description("Most entries in the answer, 1 to 1000; default 100."), Range(1, MaxLimit)] int? limit)
    {
        if (after is < 0) return Answers.BadField("after", "after must be 0 or more.");
        if (limit is < 1 or > MaxLimit) return Answers.BadField("limit", $"limit must be 1 to {MaxLimit}.");
        if (await RecordingCalls.FindAsync(call, recording, store).ConfigureAwait(false) is not { } state) return RecordingCalls.NoRecording;
        IReadOnlyList<TimelineEntry> entries = await store.TimelineAsync(state.Id, after ?? 0, limit ?? 100).ConfigureAwait(false);
        return TypedResults.Ok(new TimelineList(
            [.. entries.Select(ToResource).OfType<EventResource>()], entries.Count > 0 ? entries[^1].Position : after ?? 0));
    }

    private static Task<IResult> GapsAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store, [FromServices] IRecordingArchive archive, CancellationToken cancellation) =>
        RecordingCalls.WithEvidenceAsync(call, recording, store, async folder =>
            await archive.GapsAsync(folder, cancellation).ConfigureAwait(false) is { } gaps ? TypedResults.Ok(new GapList(gaps)) : null);

    private static Task<IResult> QualityAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store, [FromServices] IRecordingArchive archive, CancellationToken cancellation) =>
        RecordingCalls.WithEvidenceAsync(call, recording, store, async folder =>
            await archive.QualityAsync(folder, cancellation).ConfigureAwait(false) is { } quality ? TypedResults.Ok(new QualityResource(quality)) : null);

    private static Task<IResult> ManifestAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store, [FromServices] IRecordingArchive archive, CancellationToken cancellation) =>
        RecordingCalls.WithEvidenceAsync(call, recording, store, async folder =>
            await archive.ManifestAsync(folder, cancellation).ConfigureAwait(false) is { } manifest ? TypedResults.Bytes(manifest, "application/json") : null);

    private static async Task<IResult> ProofsAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store, [FromServices] IRecordingArchive archive,
        [FromQuery, Description("Number of the first chunk; default 0.")] long? from,
        [FromQuery, Description("Number of the last chunk; default and most: 999 more than `from`.")] long? to,
        CancellationToken cancellation)
    {
        long first = from ?? 0;
        if (first is < 0 or > uint.MaxValue) return Answers.BadField("from", "from must be the number of a chunk.");
        long last = to ?? first + MaxProofs - 1;
        if (last < first || last - first >= MaxProofs) return Answers.BadField("to", $"to must be from or up to {MaxProofs - 1} more.");
        return await RecordingCalls.WithEvidenceAsync(call, recording, store, async folder =>
            await archive.ProofsAsync(folder, first, last, cancellation).ConfigureAwait(false) is { } proofs ? TypedResults.Ok(proofs) : null).ConfigureAwait(false);
    }

    private static Task<IResult> VerifyAsync(
        RestCall call, [Description(IdText)] string recording, [FromServices] IRecordingStore store, [FromServices] IRecordingVerifier verifier, CancellationToken cancellation) =>
        RecordingCalls.WithEvidenceAsync(call, recording, store, async folder =>
            await verifier.VerifyAsync(folder, cancellation).ConfigureAwait(false) is { } found
                ? TypedResults.Ok(new VerificationResource(found.Verdict, found.Findings))
                : ApiProblem.Result(503, "try_again", "The verifier did not answer; it is logged.", null, TimeSpan.FromSeconds(60)));

    /// <summary>The entry as back ends see it: recordings have their own kinds, the others are the room's.</summary>
    private static EventResource? ToResource(TimelineEntry entry)
    {
        using JsonDocument document = JsonDocument.Parse(entry.Text);
        string kind = document.RootElement.GetProperty("kind").GetString()!;
        return kind.StartsWith("recording_", StringComparison.Ordinal)
            ? RecordingStepEvent.From(RecordingJson.Read<RecordingEvent>(entry.Text), entry)
            : EventMapper.From(new LoggedEvent(entry.Position, entry.At, EventAudience.BackEnd, RoomJson.ReadEvent(entry.Text)));
    }
}
