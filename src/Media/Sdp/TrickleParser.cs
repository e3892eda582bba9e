using System.Diagnostics.CodeAnalysis;
using Sfu.Media.Ice;

namespace Sfu.Media.Sdp;

/// <summary>Reads a trickle fragment: the attribute lines of a description without its session lines.</summary>
internal ref struct TrickleParser(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly List<TrickleSection> _sections = [];
    private SectionBuilder? _section;
    private string? _ufrag;
    private string? _password;

    public bool TryParse([NotNullWhen(true)] out TrickleFragment? fragment, [NotNullWhen(false)] out SdpError? error)
    {
        fragment = null;
        error = SdpParser.CheckLimits(_text) ?? ReadAll(out fragment);
        return fragment is not null;
    }

    private SdpError? ReadAll(out TrickleFragment? fragment)
    {
        fragment = null;
        // Candidates before any m-line belong to the one bundled transport; clients that know of no other write them so.
        var session = new SectionBuilder(0, "audio", 9, "");
        bool iceLite = false;
        var lines = new SdpLineReader(_text);
        while (lines.MoveNext(out bool isValid))
        {
            if (!isValid || lines.Type is not ('a' or 'm'))
                return new(SdpErrorCode.Malformed, lines.Number, "line", "A fragment has only lines of the form a=value and m=value.");
            SdpError? error = lines.Type == 'm' ? StartSection(lines, session) : ReadAttribute(lines, session);
            if (error is not null) return error;
            iceLite |= _section is null && lines.Value is "ice-lite";
        }

        CloseSection();
        if ((_ufrag ?? session.IceUfrag) is null != (_password ?? session.IcePassword) is null)
            return new(SdpErrorCode.Missing, 0, "ice-pwd", "User name fragment and password go together.");
        fragment = Build(session, iceLite);
        return fragment is null ? new(SdpErrorCode.Missing, 0, "candidate", "The fragment says nothing.") : null;
    }

    private readonly TrickleFragment? Build(SectionBuilder session, bool iceLite)
    {
        if (session.Candidates is { } loose) _sections.Insert(0, new TrickleSection(null, loose, EndOfCandidates: false));
        var credentials = (session.IceUfrag ?? _ufrag) is { } ufrag ? new IceCredentials(ufrag, (session.IcePassword ?? _password)!) : null;
        if (credentials is null && _sections.Count == 0 && !session.EndOfCandidates) return null;
        return new TrickleFragment
        {
            Credentials = credentials,
            IceLite = iceLite,
            EndOfCandidates = session.EndOfCandidates,
            Sections = _sections,
        };
    }

    private SdpError? StartSection(in SdpLineReader lines, SectionBuilder session)
    {
        CloseSection();
        // What stands before the first m-line becomes a section of its own.
        if (_sections.Count + (session.Candidates is null ? 0 : 1) >= SdpLimits.MaxFragmentSections)
            return new(SdpErrorCode.TooManySections, lines.Number, "m", $"More than {SdpLimits.MaxFragmentSections} media sections in a fragment.");
        return MediaLineReader.Read(lines.Value, lines.Number, out _section);
    }

    private readonly SdpError? ReadAttribute(in SdpLineReader lines, SectionBuilder session)
    {
        int colon = lines.Value.IndexOf(':');
        ReadOnlySpan<char> name = colon < 0 ? lines.Value : lines.Value[..colon];
        if (name is not ("ice-ufrag" or "ice-pwd" or "mid" or "candidate" or "end-of-candidates")) return null;
        ReadOnlySpan<char> value = colon < 0 ? default : lines.Value[(colon + 1)..];
        SectionBuilder target = _section ?? session;
        var reader = new AttributeReader(lines.Number);
        return reader.TryReadLevel(target, name, value) && reader.TryReadSection(target, name, value) ? null : reader.Error;
    }

    private void CloseSection()
    {
        if (_section is null) return;
        _ufrag ??= _section.IceUfrag;
        _password ??= _section.IcePassword;
        _sections.Add(new TrickleSection(_section.Mid, _section.Candidates ?? [], _section.EndOfCandidates));
        _section = null;
    }
}
