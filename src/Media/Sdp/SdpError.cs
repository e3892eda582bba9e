namespace Sfu.Media.Sdp;

/// <summary>What is wrong with a description; becomes <c>bad_sdp</c> with a field and a message towards the client.</summary>
/// <param name="Code">The reason.</param>
/// <param name="Line">Line in the text, counted from 1; 0 when no single line is to blame.</param>
/// <param name="Field">The SDP line type or attribute at fault, such as <c>m</c> or <c>rtpmap</c>.</param>
/// <param name="Message">One English sentence for a developer; contains nothing of the description but its own limits.</param>
public sealed record SdpError(SdpErrorCode Code, int Line, string Field, string Message)
{
    /// <summary>The sentence with its place.</summary>
    public override string ToString() => Line > 0 ? $"line {Line}, {Field}: {Message}" : $"{Field}: {Message}";
}
