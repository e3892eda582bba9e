using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Sfu.Recordings;
using Sfu.Recordings.Derivations;
using Sfu.Recordings.Evidence;
using Sfu.Recordings.Storage;

namespace Sfu.Rest;

/// <summary>Playable files of recordings.</summary>
internal static class DerivationRoutes
{
    /// <summary>Maps the routes.</summary>
    public static void MapDerivations(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/recordings/{recording}/derivations", CreateAsync).WithName("createDerivation").Needs(Grant.RoomRecord)
            .Says("Make playable files", "They are made one after the other; ask for the derivation until it is `ready`. Of a recording that still runs they go up to its last signed segment.")
            .Produces<DerivationResource>(StatusCodes.Status202Accepted).Refuses(400, 404, 409, 413, 415, 503, 507);
        routes.MapGet("/derivations/{derivation}", GetAsync).WithName("getDerivation").Needs(Grant.RoomRecord)
            .Says("Get a derivation", "Its progress and, when it is ready, its files.").Produces<DerivationResource>().Refuses(404, 503);
        routes.MapGet("/derivations/{derivation}/files/{name}", FileAsync).WithName("getDerivedFile").Needs(Grant.RoomRecord)
            .Says("Get a playable file", "Takes range requests.")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream").Refuses(404, 503);
    }

    /// <summary>Somebody has to make room first.</summary>
    private static readonly TimeSpan WaitForRoom = TimeSpan.FromSeconds(60);

    private static IResult NoSegment { get; } = ApiProblem.Result(409, "bad_state", "No segment of the recording is signed yet; the first one is after a minute.");

    private static async Task<IResult> CreateAsync(
        RestCall call, [Description("Id of the recording.")] string recording, DerivationRequest body,
        [FromServices] IRecordingStore store, [FromServices] IDerivations derivations, [FromServices] IRecordingArchive archive)
    {
        if (body.Track is < 1) return Answers.BadField("track", "track must be the number of a track, from 1.");
        if (body.Layout is not null && body.Kind != DerivationKind.Composite) return Answers.BadField("layout", "layout is for composites.");
        if (body.Format is { } format && !Fits(body.Kind, format)) return Answers.BadField("format", "The format does not fit the kind.");
        if (await RecordingCalls.FindAsync(call, recording, store).ConfigureAwait(false) is not { } state) return RecordingCalls.NoRecording;
        if (derivations.Refusal is { } full) return ApiProblem.Result(507, "disk_full", full, null, WaitForRoom);
        if (state.Folder.Length == 0) return RecordingCalls.NotSealed;
        // Of one that still runs, or was cut off and not taken up again, what is signed.
        if (state.Phase != RecordingPhase.Sealed && !archive.HasSegment(state.Folder)) return NoSegment;
        Derivation? derivation = await derivations.AddAsync(state, new DerivationWish(body.Kind, body.Track, body.Layout, body.Format)).ConfigureAwait(false);
        return derivation is null
            ? ApiProblem.Result(429, "limit", "Too many derivations wait.", null, TimeSpan.FromSeconds(60))
            : TypedResults.Accepted($"/v1/derivations/{derivation.Id:D}", DerivationResource.From(derivation));
    }

    private static async Task<IResult> GetAsync(
        RestCall call, [Description("Id of the derivation.")] string derivation, [FromServices] IRecordingStore store, [FromServices] IDerivations derivations) =>
        await FindAsync(call, derivation, store, derivations).ConfigureAwait(false) is ({ } found, _)
            ? TypedResults.Ok(DerivationResource.From(found))
            : RecordingCalls.NoDerivation;

    private static async Task<IResult> FileAsync(
        RestCall call, [Description("Id of the derivation.")] string derivation, [Description("Name of the file.")] string name,
        [FromServices] IRecordingStore store, [FromServices] IDerivations derivations)
    {
        if (await FindAsync(call, derivation, store, derivations).ConfigureAwait(false) is not ({ } found, { } recording)) return RecordingCalls.NoDerivation;
        // Only what the derivation lists: no name of the request ever becomes a path by itself.
        if (found.Files.FirstOrDefault(file => file.Name == name) is not { } file) return RecordingCalls.NoDerivation;
        string path = Path.Combine(DerivationQueue.FolderOf(recording.Folder, found.Id), file.Name);
        return File.Exists(path)
            ? TypedResults.PhysicalFile(path, TypeOf(file.Name), file.Name, File.GetLastWriteTimeUtc(path), enableRangeProcessing: true)
            : RecordingCalls.NoDerivation;
    }

    private static async Task<(Derivation? Derivation, RecordingState? Recording)> FindAsync(
        RestCall call, string derivation, IRecordingStore store, IDerivations derivations)
    {
        if (!Guid.TryParseExact(derivation, "D", out Guid id) || await derivations.FindAsync(id).ConfigureAwait(false) is not { } found) return default;
        RecordingState? recording = await RecordingCalls.FindAsync(call, found.Recording.ToString("D"), store).ConfigureAwait(false);
        return recording is null ? default : (found, recording);
    }

    private static bool Fits(DerivationKind kind, DerivationFormat format) => kind switch
    {
        DerivationKind.Audio => format is DerivationFormat.Ogg or DerivationFormat.Wav,
        DerivationKind.Composite => format is DerivationFormat.Mp4,
        _ => format is DerivationFormat.Webm or DerivationFormat.Mkv or DerivationFormat.Mp4,
    };

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".webm" => "video/webm",
        ".mkv" => "video/x-matroska",
        ".mp4" => "video/mp4",
        ".ogg" or ".opus" => "audio/ogg",
        ".wav" => "audio/wav",
        ".json" => "application/json",
        _ => "application/octet-stream",
    };
}
