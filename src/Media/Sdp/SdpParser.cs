using System.Diagnostics.CodeAnalysis;

namespace Sfu.Media.Sdp;

/// <summary>Reads a session description line by line: one pass over the limits, one pass over the content.</summary>
/// <remarks>The first pass allocates nothing, so a description beyond the limits of <see cref="SdpLimits"/> costs its length only.</remarks>
internal ref struct SdpParser
{
    private readonly ReadOnlySpan<char> _text;
    private SdpLineReader _lines;
    private SdpError? _error;
    private SdpOrigin? _origin;
    private List<SdpGroup>? _groups;
    private bool _iceLite;
    private string? _msidSemantic;
    private SectionBuilder? _section;

    public SdpParser(ReadOnlySpan<char> text)
    {
        _text = text;
        _lines = new SdpLineReader(text);
    }

    public bool TryParse([NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out SdpError? error)
    {
        description = null;
        error = CheckLimits(_text) ?? ReadAll(out description);
        return description is not null;
    }

    /// <summary>Counts lines, sections and candidates without building anything.</summary>
    public static SdpError? CheckLimits(ReadOnlySpan<char> text)
    {
        if (text.Length > SdpLimits.MaxCharacters)
            return new(SdpErrorCode.TooLarge, 0, "sdp", $"More than {SdpLimits.MaxCharacters} characters.");
        int sections = 0, candidates = 0;
        var lines = new SdpLineReader(text);
        while (lines.MoveNext(out _))
        {
            // Empty lines count too: MoveNext has numbered them.
            if (lines.Number > SdpLimits.MaxLines)
                return new(SdpErrorCode.TooManyLines, lines.Number, "sdp", $"More than {SdpLimits.MaxLines} lines.");
            if (lines.Type == 'm')
            {
                candidates = 0;
                if (++sections > SdpLimits.MaxSections)
                    return new(SdpErrorCode.TooManySections, lines.Number, "m", $"More than {SdpLimits.MaxSections} media sections.");
            }
            else if (lines.Type == 'a' && lines.Value.StartsWith("candidate:") && ++candidates > SdpLimits.MaxCandidates)
            {
                return new(SdpErrorCode.TooManyCandidates, lines.Number, "candidate",
                    $"More than {SdpLimits.MaxCandidates} candidates in one media section.");
            }
        }

        return null;
    }

    private SdpError? ReadAll(out SessionDescription? description)
    {
        description = null;
        var session = new LevelBuilder();
        var sections = new List<MediaSection>();
        bool isFirst = true;                                                // empty lines do not count
        while (_lines.MoveNext(out bool isValid))
        {
            if (!isValid) return Error(SdpErrorCode.Malformed, "line", "A line must be one lower-case letter, '=' and a value.");
            bool isRead = isFirst ? ReadVersion() : _lines.Type switch
            {
                'm' => StartSection(sections),
                'o' when _section is null => ReadOrigin(),
                'a' => ReadAttribute(session),
                'v' => Fail(SdpErrorCode.Malformed, "v", "The version line may stand only at the beginning."),
                _ => true,
            };
            if (!isRead) return _error!;
            isFirst = false;
        }

        if (isFirst) return new(SdpErrorCode.Missing, 0, "v", "The description is empty.");
        if (_origin is null) return new(SdpErrorCode.Missing, 0, "o", "There is no origin line.");
        if (_section is not null) sections.Add(_section.Build());
        description = Build(session, _origin, sections);
        return null;
    }

    private readonly SessionDescription Build(LevelBuilder session, SdpOrigin origin, List<MediaSection> sections) => new()
    {
        Origin = origin,
        Groups = _groups ?? [],
        IceLite = _iceLite,
        MsidSemantic = _msidSemantic,
        MediaSections = sections,
        Direction = session.Direction,
        Setup = session.Setup,
        IceUfrag = session.IceUfrag,
        IcePassword = session.IcePassword,
        IceOptions = session.IceOptions,
        Fingerprints = session.Fingerprints ?? [],
        ExtMaps = session.ExtMaps ?? [],
        ExtmapAllowMixed = session.ExtmapAllowMixed,
        EndOfCandidates = session.EndOfCandidates,
    };

    private bool ReadVersion() => _lines.Type == 'v' && _lines.Value is "0"
        || Fail(SdpErrorCode.Malformed, "v", "The description must begin with v=0.");

    private bool ReadOrigin()
    {
        var fields = new SdpFieldReader(_lines.Value);
        if (!fields.TryNext(out ReadOnlySpan<char> user)) return Fail(SdpErrorCode.Malformed, "o", "The user name is missing.");
        if (!fields.TryNextNumber(ulong.MaxValue, out ulong id) || !fields.TryNextNumber(ulong.MaxValue, out ulong version))
            return Fail(SdpErrorCode.OutOfRange, "o", "Session id and version must be 64-bit decimal numbers.");
        _origin = new SdpOrigin(SdpText.Intern(user), id, version);
        return true;
    }

    private bool StartSection(List<MediaSection> sections)
    {
        if (_section is not null) sections.Add(_section.Build());
        _error = MediaLineReader.Read(_lines.Value, _lines.Number, out _section);
        return _error is null;
    }

    private bool ReadAttribute(LevelBuilder session)
    {
        int colon = _lines.Value.IndexOf(':');
        ReadOnlySpan<char> name = colon < 0 ? _lines.Value : _lines.Value[..colon];
        ReadOnlySpan<char> value = colon < 0 ? default : _lines.Value[(colon + 1)..];
        var reader = new AttributeReader(_lines.Number);
        bool isRead = _section is null
            ? reader.TryReadLevel(session, name, value) && ReadSessionAttribute(name, value)
            : reader.TryReadLevel(_section, name, value) && reader.TryReadSection(_section, name, value);
        _error ??= reader.Error;
        return isRead;
    }

    private bool ReadSessionAttribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name)
        {
            case "group":
                return ReadGroup(value);
            case "ice-lite":
                _iceLite = true;
                return true;
            case "msid-semantic":
                _msidSemantic = value.Trim(' ').ToString();
                return true;
            default:
                return true;
        }
    }

    private bool ReadGroup(ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> semantics)) return Fail(SdpErrorCode.Malformed, "group", "The semantics are missing.");
        var mids = new List<string>();
        while (fields.TryNext(out ReadOnlySpan<char> mid))
        {
            if (mids.Count == SdpLimits.MaxSections)
                return Fail(SdpErrorCode.TooManyValues, "group", $"More than {SdpLimits.MaxSections} sections in one group.");
            mids.Add(SdpText.Intern(mid));
        }

        (_groups ??= []).Add(new SdpGroup(SdpText.Intern(semantics), mids));
        return true;
    }

    private bool Fail(SdpErrorCode code, string field, string message)
    {
        _error = Error(code, field, message);
        return false;
    }

    private readonly SdpError Error(SdpErrorCode code, string field, string message) => new(code, _lines.Number, field, message);
}
