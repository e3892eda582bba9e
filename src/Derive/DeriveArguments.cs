using System.Globalization;
using Sfu.Recorder.Derivation;

namespace Sfu.Derive;

/// <summary>What the command line asks for.</summary>
/// <param name="Folder">The evidence folder.</param>
/// <param name="Request">What to make of it.</param>
/// <param name="Replaces">What a run before made under the same id is removed first.</param>
internal sealed record DeriveArguments(string Folder, DerivationRequest Request, bool Replaces)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = """
        usage: sfu-derive FOLDER --id ID --kind track|audio|composite [options]

        Makes playable files of the recording in FOLDER, in FOLDER/derived/ID. Standard input: the keys, one a line as
        TRACK EPOCH 64-HEX-DIGITS, then an empty line; the program ends when standard input is closed before it is done.
        Standard output: one JSON object a line, { "progress": 0..1 } and at the end { "folder": ... } or
        { "error": ..., "reason": nothing_to_derive | evidence_unreadable | disk | failed | ended }.

          --track N        only this track
          --format F       webm, mkv, mp4, ogg; wav is the default of --kind audio
          --sound          put the sound of a participant into the files of its pictures too
          --layout L       grid (default) or speaker
          --size WxH       of a composite, even numbers; default 1280x720
          --fps N          of a composite; 5 to 60; default 60
          --font FILE      for the names in a composite
          --replace        remove what a run before made under the same id

        Exit codes: 0 made; 1 failed; 2 wrong call, or the evidence cannot be read; 3 told to end.
        """;

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">As the program got them.</param>
    /// <param name="read">Valid when the result is null.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? TryRead(IReadOnlyList<string> arguments, out DeriveArguments? read)
    {
        read = null;
        string? folder = null, id = null;
        DerivationKind? kind = null;
        bool replaces = false;
        var request = new DerivationRequest { Id = "", Kind = default };
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                if (folder is not null) return $"two folders: {folder}, {name}";
                folder = name;
                continue;
            }
            if (name == "--sound")
            {
                request = request with { WithSound = true };
                continue;
            }
            if (name == "--replace")
            {
                replaces = true;
                continue;
            }
            if (++i == arguments.Count) return $"{name} needs a value";
            if (name == "--id") id = arguments[i];
            else if (name == "--kind" && Enum.TryParse(arguments[i], ignoreCase: true, out DerivationKind known) && Enum.IsDefined(known)) kind = known;
            else if (Option(request, name, arguments[i]) is { } changed) request = changed;
            else return $"{name} {arguments[i]}: not an option or not a value of it";
        }
        if (folder is null || id is null || kind is null) return "FOLDER, --id and --kind are needed";
        read = new DeriveArguments(folder, request with { Id = id, Kind = kind.Value }, replaces);
        return null;
    }

    private static DerivationRequest? Option(DerivationRequest request, string name, string value) => name switch
    {
        "--track" when TryNumber(value, 1, int.MaxValue, out int track) => request with { Track = track },
        "--format" when FormatOf(value) is { } format => request with { Format = format },
        "--format" when value == "wav" => request with { Format = null },
        "--layout" when value is "grid" or "speaker" => request with { Layout = value == "grid" ? CompositeLayout.Grid : CompositeLayout.ActiveSpeaker },
        "--fps" when TryNumber(value, 5, 60, out int rate) => request with { Composite = request.Composite with { FramesPerSecond = rate } },
        "--font" when File.Exists(value) => request with { Composite = request.Composite with { FontFile = value } },
        "--size" when value.Split('x') is [var w, var h] && TryNumber(w, 320, 3840, out int width) && TryNumber(h, 180, 2160, out int height)
            && (width | height) % 2 == 0 => request with { Composite = request.Composite with { Width = width, Height = height } },
        _ => null,
    };

    private static ContainerFormat? FormatOf(string name) => name switch
    {
        "webm" => ContainerFormat.WebM,
        "mkv" => ContainerFormat.Matroska,
        "mp4" => ContainerFormat.Mp4,
        "ogg" => ContainerFormat.Ogg,
        _ => null,
    };

    private static bool TryNumber(string text, int low, int high, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= low && number <= high;
}
