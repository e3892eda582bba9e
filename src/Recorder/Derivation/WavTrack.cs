namespace Sfu.Recorder.Derivation;

/// <summary>Decodes one audio track into a WAV file whose length is the wall time, with silence where nothing came.</summary>
/// <param name="path">Where.</param>
/// <param name="sampleRate">48,000, 16,000 or 8,000.</param>
/// <param name="channels">1 or 2.</param>
/// <param name="start">Time of sample 0, nanoseconds from the start of the recording.</param>
internal sealed class WavTrack(string path, int sampleRate, int channels, long start) : IDisposable
{
    private const long Gap = 60_000_000;               // ns: behind it, what the decoder remembers is of no use
    private readonly AudioDecoder _decoder = new(sampleRate, channels);
    private readonly PcmTimeline _timeline = new(sampleRate, channels, start);
    private readonly WavWriter _writer = new(path, sampleRate, channels);
    private long _end = long.MinValue;

    /// <summary>Samples of silence put in.</summary>
    public long Filled => _timeline.Filled;

    /// <summary>Packets that could not be decoded.</summary>
    public long Failures => _decoder.Failures;

    /// <summary>Takes the next packet.</summary>
    public void Write(EncodedUnit unit)
    {
        if (_end != long.MinValue && unit.At - _end > Gap) _decoder.Reset();
        _end = unit.At + unit.Duration;
        FillLongGap(unit.At);
        _writer.Write(_timeline.Place(unit.At, _decoder.Decode(unit)));
    }

    /// <summary>Fills up to the end and closes the file.</summary>
    /// <returns>Samples per channel.</returns>
    public long Finish(long end)
    {
        FillLongGap(end);
        _writer.Write(_timeline.FillTo(end));
        _writer.Finish();
        return _writer.Samples;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _writer.Dispose();
    }

    // Silence of hours is written minute by minute.
    private void FillLongGap(long to)
    {
        const long Minute = 60_000_000_000;
        for (long at = start + _timeline.Position * 1_000_000_000 / sampleRate + Minute; at < to; at += Minute) _writer.Write(_timeline.FillTo(at));
    }
}
