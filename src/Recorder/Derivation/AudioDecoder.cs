using System.Runtime.InteropServices;
using Sfu.Media.Codecs;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>Decodes the sound of one stream into samples of one rate and number of channels.</summary>
/// <remarks>Owned by one thread. A codec that changes is followed.</remarks>
/// <param name="sampleRate">Of what comes out. 48,000 or the codec's own.</param>
/// <param name="channels">Of what comes out: 1 or 2.</param>
internal sealed class AudioDecoder(int sampleRate, int channels) : IDisposable
{
    private readonly AvPacket _packet = new();
    private readonly AvFrame _frame = new();
    private readonly List<float> _samples = [];
    private AvCodecContext? _context;
    private MediaCodec _codec;
    private float[] _last = [];

    /// <summary>Packets that the decoder refused.</summary>
    public long Failures { get; private set; }

    /// <summary>Decodes one packet.</summary>
    /// <returns>Interleaved samples, valid until the next call; none when it could not be decoded.</returns>
    public ReadOnlySpan<float> Decode(EncodedUnit unit)
    {
        if (_context is null || unit.Codec != _codec) Open(unit.Codec);
        _samples.Clear();
        _packet.Fill(unit.Data.Span);
        if (!_context!.Send(_packet)) Failures++;
        while (_context.Receive(_frame)) Append();
        return CollectionsMarshal.AsSpan(_samples);
    }

    /// <summary>What comes next does not follow what came before.</summary>
    public void Reset()
    {
        if (_context is not null) _context.Reset();
        Array.Clear(_last);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context?.Dispose();
        _packet.Dispose();
        _frame.Dispose();
    }

    private void Open(MediaCodec codec)
    {
        _context?.Dispose();
        _codec = codec;
        _last = new float[channels];
        int coded = codec == MediaCodec.Opus ? channels : 1;
        using AvCodecParameters parameters =
            AvCodecParameters.Audio(AvCodecNames.Id(codec), AvCodecNames.SampleRate(codec), coded, AvCodecNames.AudioHeader(codec, coded));
        _context = AvCodecContext.OpenDecoder(AvCodecNames.Decoder(codec), parameters);
    }

    // Other rates are multiples of the codec's: a straight line between samples is enough for speech of 8 and 16 kHz.
    private void Append()
    {
        int factor = Math.Max(1, sampleRate / _frame.SampleRate);
        for (int i = 0; i < _frame.Samples; i++)
            for (int step = 1; step <= factor; step++)
                for (int channel = 0; channel < channels; channel++)
                {
                    float sample = Sample(Math.Min(channel, _frame.Channels - 1), i);
                    _samples.Add(factor == 1 ? sample : _last[channel] + (sample - _last[channel]) * step / factor);
                    if (step == factor) _last[channel] = sample;
                }
    }

    private unsafe float Sample(int channel, int index) => _frame.Format switch
    {
        AvLayout.SampleS16 => ((short*)_frame.Plane(0))[index * _frame.Channels + channel] / 32768f,
        AvLayout.SampleS16Planar => ((short*)_frame.Plane(channel))[index] / 32768f,
        AvLayout.SampleFloat => ((float*)_frame.Plane(0))[index * _frame.Channels + channel],
        AvLayout.SampleFloatPlanar => ((float*)_frame.Plane(channel))[index],
        int format => throw new AvException($"{_codec}: sample format {format}"),
    };
}
