using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Threading.Channels;

namespace Sfu.Recorder.Evidence;

/// <summary>Gets an RFC 3161 token for every manifest, as often as it takes: recording never waits for it.</summary>
/// <remarks>
/// What is pending is what lies on disk without a <c>.tsr</c>, so nothing is forgotten by a restart or a full queue: then
/// <paramref name="scan"/> finds it again. <see cref="Add"/> may be called by any thread; one task runs <see cref="RunAsync"/>.
/// </remarks>
/// <param name="authority">Who attests.</param>
/// <param name="scan">Paths of all manifests without a token.</param>
/// <param name="options">Waits and bounds.</param>
/// <param name="time">The clock.</param>
public sealed class TimeStamper(ITimeAuthority authority, Func<IEnumerable<string>> scan, TimeStampOptions options, TimeProvider time)
{
    private readonly Channel<string> _incoming = Channel.CreateBounded<string>(new BoundedChannelOptions(options.MaxPending) { SingleReader = true });
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);
    private bool _scanNeeded = true;                           // the first time finds what an earlier process left
    private DateTimeOffset _scanAt;

    private readonly record struct Pending(DateTimeOffset Due, TimeSpan Wait);

    /// <summary>Tokens written.</summary>
    public long Stamped { get; private set; }

    /// <summary>Tries without a usable answer.</summary>
    public long Failed { get; private set; }

    /// <summary>Manifests that wait for a token, as far as they are in memory.</summary>
    public int Waiting => _pending.Count;

    /// <summary>Asks for a token for a manifest that lies on disk.</summary>
    /// <param name="manifest">Its path.</param>
    public void Add(string manifest)
    {
        if (!_incoming.Writer.TryWrite(manifest)) Volatile.Write(ref _scanNeeded, true);
    }

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            DateTimeOffset next = await StampDueAsync(cancellation).ConfigureAwait(false);
            TimeSpan wait = next - time.GetUtcNow();
            if (wait <= TimeSpan.Zero) continue;
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task more = _incoming.Reader.WaitToReadAsync(woken.Token).AsTask();
            await Task.WhenAny(more, Task.Delay(wait, time, woken.Token)).ConfigureAwait(false);
            await woken.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Tries everything that is due once.</summary>
    /// <returns>When something is due next; at most <see cref="TimeStampOptions.MaxRetry"/> from now.</returns>
    public async Task<DateTimeOffset> StampDueAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        Collect(now);
        foreach ((string path, Pending pending) in _pending.Where(entry => entry.Value.Due <= now).OrderBy(entry => entry.Value.Due).ToArray())
        {
            if (await TryStampAsync(path, cancellation).ConfigureAwait(false))
            {
                _pending.Remove(path);
                continue;
            }
            Failed++;
            TimeSpan wait = pending.Wait == TimeSpan.Zero ? options.FirstRetry : pending.Wait * 2 < options.MaxRetry ? pending.Wait * 2 : options.MaxRetry;
            _pending[path] = new Pending(time.GetUtcNow() + wait, wait);
        }
        DateTimeOffset latest = time.GetUtcNow() + options.MaxRetry;
        return _pending.Values.Select(pending => pending.Due).Append(latest).Min();
    }

    /// <summary>Checks an answer against its request and brings it into the one form that the verifier takes: granted, without remarks.</summary>
    /// <returns>DER of a TimeStampResp, or null when it is no token for this request.</returns>
    internal static byte[]? Accept(Rfc3161TimestampRequest request, ReadOnlyMemory<byte> answer)
    {
        try
        {
            Rfc3161TimestampToken token = request.ProcessResponse(answer, out int read);
            var reader = new AsnReader(answer[..read], AsnEncodingRules.BER);
            AsnReader response = reader.ReadSequence();
            response.ReadEncodedValue();                       // PKIStatusInfo
            ReadOnlyMemory<byte> encoded = response.ReadEncodedValue();
            if (!token.VerifySignatureForHash(request.GetMessageHash().Span, HashAlgorithmName.SHA256, out _)) return null;
            var writer = new AsnWriter(AsnEncodingRules.BER);  // the token's own encoding stays as it is
            using (writer.PushSequence())
            {
                using (writer.PushSequence()) writer.WriteInteger(0);
                writer.WriteEncodedValue(encoded.Span);
            }
            byte[] accepted = writer.Encode();
            return request.ProcessResponse(accepted, out read) is not null && read == accepted.Length ? accepted : null;
        }
        catch (Exception failure) when (failure is CryptographicException or AsnContentException)
        {
            return null;                                       // an authority's nonsense is no token; the caller counts it
        }
    }

    private void Collect(DateTimeOffset now)
    {
        while (_pending.Count < options.MaxPending && _incoming.Reader.TryRead(out string? path)) _pending.TryAdd(path, new Pending(now, default));
        if (!Volatile.Read(ref _scanNeeded) || now < _scanAt || _pending.Count >= options.MaxPending) return;
        Volatile.Write(ref _scanNeeded, false);
        _scanAt = now + options.FirstRetry;
        foreach (string path in scan())
        {
            if (_pending.Count >= options.MaxPending) { Volatile.Write(ref _scanNeeded, true); break; }
            _pending.TryAdd(path, new Pending(now, default));
        }
    }

    private async Task<bool> TryStampAsync(string path, CancellationToken cancellation)
    {
        string tokenPath = path + ".tsr";
        if (!File.Exists(path) || File.Exists(tokenPath)) return true; // the recording was disposed of, or it was asked for twice
        byte[] hash;
        try
        {
            using FileStream file = File.OpenRead(path);
            hash = await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return false;
        }
        byte[] nonce = RandomNumberGenerator.GetBytes(8);
        var request = Rfc3161TimestampRequest.CreateFromHash(hash, HashAlgorithmName.SHA256, requestedPolicyId: null, nonce, requestSignerCertificates: true, extensions: null);
        byte[]? answer = await authority.AnswerAsync(request.Encode(), cancellation).ConfigureAwait(false);
        if (answer is null || Accept(request, answer) is not { } accepted) return false;
        try
        {
            DurableFile.Write(tokenPath, accepted);
        }
        catch (IOException)
        {
            return false;                                      // counted and tried again: the disk may come back
        }
        Stamped++;
        return true;
    }
}
