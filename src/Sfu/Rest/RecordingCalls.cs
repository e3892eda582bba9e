using Sfu.Recordings;
using Sfu.Recordings.Storage;

namespace Sfu.Rest;

/// <summary>Finds what a recording route is about, for who may see it.</summary>
internal static class RecordingCalls
{
    /// <summary>The recording of the path is not there, or not for this token.</summary>
    public static IResult NoRecording { get; } = ApiProblem.Result(404, "not_found", "There is no such recording.");

    /// <summary>The derivation or file of the path is not there, or not for this token.</summary>
    public static IResult NoDerivation { get; } = ApiProblem.Result(404, "not_found", "There is no such derivation or file.");

    /// <summary>What is asked for exists only at the end.</summary>
    public static IResult NotSealed { get; } = ApiProblem.Result(409, "bad_state", "The recording is not sealed yet.");

    /// <summary>The recording of a path; null for other tenants' and, with a token that names a room, other rooms'.</summary>
    public static async Task<RecordingState?> FindAsync(RestCall call, string recording, IRecordingStore store)
    {
        if (!Guid.TryParseExact(recording, "D", out Guid id) || await store.FindAsync(id).ConfigureAwait(false) is not { } state) return null;
        bool isVisible = state.Room.Tenant == call.Token.Tenant && (call.Token.Grants.Room is not { } only || only == state.Room.Room);
        return isVisible ? state : null;
    }

    /// <summary>Does something with the evidence of a recording.</summary>
    public static async Task<IResult> WithEvidenceAsync(RestCall call, string recording, IRecordingStore store, Func<string, Task<IResult?>> then)
    {
        if (await FindAsync(call, recording, store).ConfigureAwait(false) is not { } state) return NoRecording;
        if (state.Folder.Length == 0) return NotSealed;
        try
        {
            return await then(state.Folder).ConfigureAwait(false) ?? NotSealed;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return ApiProblem.Result(503, "try_again", "The evidence cannot be read on this machine now.", null, TimeSpan.FromSeconds(5));
        }
    }
}
