using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>An AVFormatContext that writes one file. Owned by whoever made it; one thread at a time.</summary>
/// <remarks>Order: streams, metadata and chapters, <see cref="WriteHeader"/>, packets, <see cref="Finish"/>.</remarks>
internal sealed unsafe class AvOutput : SafeHandle
{
    private readonly string _path;
    private readonly List<nint> _streams = [];
    private readonly List<nint> _chapters = [];

    /// <summary>Creates or replaces the file.</summary>
    /// <param name="format">FFmpeg's name of the muxer: <c>webm</c>, <c>matroska</c>, <c>mp4</c>, <c>ogg</c>.</param>
    /// <param name="path">A path of the file system.</param>
    public AvOutput(string format, string path) : base(0, ownsHandle: true)
    {
        AvLibrary.EnsureLoaded();
        _path = path;
        AvException.Check(LibAvFormat.AllocateOutput(out nint context, 0, format, path), format);
        SetHandle(context);
        nint io = 0;
        AvException.Check(LibAvFormat.OpenFile(ref io, "file:" + path, AvLayout.IoWrite), path);
        AvStructure.Write(handle, AvLayout.FormatPb, io);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Adds a stream.</summary>
    /// <param name="parameters">Copied.</param>
    /// <param name="timeBase">Seconds per tick as a fraction; the container may choose another one.</param>
    /// <returns>Its index.</returns>
    internal int AddStream(AvCodecParameters parameters, (int Numerator, int Denominator) timeBase)
    {
        nint stream = AvException.CheckMemory(LibAvFormat.NewStream(this, 0), _path);
        AvException.Check(LibAvCodec.CopyParameters(AvStructure.Read<nint>(stream, AvLayout.StreamParameters), parameters), _path);
        AvStructure.Write(stream, AvLayout.StreamTimeBase, timeBase);
        _streams.Add(stream);
        return _streams.Count - 1;
    }

    /// <summary>Tells how far a picture is to be turned before it is shown, by a display matrix (ISO/IEC 14496-12 section 6.2.2).</summary>
    /// <param name="stream">Index of the stream.</param>
    /// <param name="clockwise">0, 90, 180 or 270 degrees.</param>
    internal void SetRotation(int stream, int clockwise)
    {
        if (clockwise == 0) return;
        (int cosine, int sine) = clockwise switch { 90 => (0, 1), 180 => (-1, 0), _ => (0, -1) };
        ReadOnlySpan<int> matrix = [cosine << 16, sine << 16, 0, -sine << 16, cosine << 16, 0, 0, 0, 1 << 30];
        nint at = AvException.CheckMemory(LibAvFormat.NewSideData(_streams[stream], AvLayout.SideDataDisplayMatrix, (nuint)(matrix.Length * sizeof(int))), _path);
        matrix.CopyTo(new Span<int>((void*)at, matrix.Length));
    }

    /// <summary>Adds entries that describe the file.</summary>
    internal void AddMetadata(IEnumerable<KeyValuePair<string, string>> entries) => AvStructure.AddEntries(handle, AvLayout.FormatMetadata, entries);

    /// <summary>Adds entries that describe a stream.</summary>
    internal void AddMetadata(int stream, IEnumerable<KeyValuePair<string, string>> entries) =>
        AvStructure.AddEntries(_streams[stream], AvLayout.StreamMetadata, entries);

    /// <summary>Adds a named stretch of the file.</summary>
    /// <param name="fromMilliseconds">From the start of the file.</param>
    /// <param name="toMilliseconds">From the start of the file.</param>
    /// <param name="title">What is there.</param>
    internal void AddChapter(long fromMilliseconds, long toMilliseconds, string title)
    {
        nint chapter = AvException.CheckMemory(LibAvUtil.Allocate(AvLayout.ChapterSize), _path);
        AvStructure.Write(chapter, AvLayout.ChapterId, (long)_chapters.Count + 1);
        AvStructure.Write(chapter, AvLayout.ChapterTimeBase, (1, 1000));
        AvStructure.Write(chapter, AvLayout.ChapterStart, fromMilliseconds);
        AvStructure.Write(chapter, AvLayout.ChapterEnd, toMilliseconds);
        AvStructure.AddEntries(chapter, AvLayout.ChapterMetadata, [new("title", title)]);
        _chapters.Add(chapter);
    }

    /// <summary>Writes the header; afterwards <see cref="TimeBase"/> holds.</summary>
    /// <param name="options">Of the muxer and of the format context, by name. An unknown one is an error.</param>
    internal void WriteHeader(params ReadOnlySpan<(string Name, string Value)> options)
    {
        HandOverChapters();
        nint dictionary = 0;
        try
        {
            foreach ((string name, string value) in options) AvException.Check(LibAvUtil.SetEntry(ref dictionary, name, value, 0), name);
            AvException.Check(LibAvFormat.WriteHeader(this, ref dictionary), _path);
            nint left = LibAvUtil.GetEntry(dictionary, "", 0, AvLayout.DictionaryIgnoreSuffix);
            if (left != 0) throw new AvException($"{_path}: no option {Marshal.PtrToStringUTF8(AvStructure.Read<nint>(left, AvLayout.EntryKey))}");
        }
        finally
        {
            LibAvUtil.FreeDictionary(ref dictionary);
        }
    }

    /// <summary>Seconds per tick that the container chose for a stream.</summary>
    internal (int Numerator, int Denominator) TimeBase(int stream) => AvStructure.Read<(int, int)>(_streams[stream], AvLayout.StreamTimeBase);

    /// <summary>Writes a packet, which is empty afterwards. Packets of several streams are put into order.</summary>
    internal void Write(AvPacket packet) => AvException.Check(LibAvFormat.WriteInterleaved(this, packet), _path);

    /// <summary>Writes what is left, index and duration, and closes the file.</summary>
    internal void Finish()
    {
        AvException.Check(LibAvFormat.WriteTrailer(this), _path);
        AvException.Check(CloseFile(), _path);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        CloseFile();
        LibAvFormat.FreeContext(handle);
        return true;
    }

    // The context owns the array and frees it with each chapter.
    private void HandOverChapters()
    {
        if (_chapters.Count == 0) return;
        nint list = AvException.CheckMemory(LibAvUtil.Allocate((nuint)(_chapters.Count * sizeof(nint))), _path);
        for (int i = 0; i < _chapters.Count; i++) AvStructure.Write(list, i * sizeof(nint), _chapters[i]);
        AvStructure.Write(handle, AvLayout.FormatChapters, list);
        AvStructure.Write(handle, AvLayout.FormatChapterCount, _chapters.Count);
    }

    private int CloseFile()
    {
        nint io = AvStructure.Read<nint>(handle, AvLayout.FormatPb);
        int result = io == 0 ? 0 : LibAvFormat.CloseFile(ref io);
        AvStructure.Write<nint>(handle, AvLayout.FormatPb, 0);
        return result;
    }
}
