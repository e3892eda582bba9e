namespace Sfu.Signalling.Protocol;

/// <summary>Why a message was not taken; becomes <c>error bad_message</c>.</summary>
/// <param name="Field">The member at fault, such as <c>client.name</c>; null when the whole is.</param>
/// <param name="Message">One sentence for the client's developer; contains nothing of the message's values.</param>
internal sealed record MessageProblem(string? Field, string Message);

/// <summary>What became of a frame: exactly one of <see cref="Message"/> and <see cref="Problem"/> is set.</summary>
/// <param name="Message">The message.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Re">The id of a message that is wrong, when it could be read.</param>
internal readonly record struct ReadResult(ClientMessage? Message, MessageProblem? Problem, int? Re);
