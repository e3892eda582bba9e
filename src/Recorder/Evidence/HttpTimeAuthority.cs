using System.Net.Http.Headers;

namespace Sfu.Recorder.Evidence;

/// <summary>An RFC 3161 authority over HTTP (section 3.4).</summary>
/// <param name="client">Owned by the caller.</param>
/// <param name="address">Where it answers.</param>
/// <param name="timeout">How long one answer may take.</param>
public sealed class HttpTimeAuthority(HttpClient client, Uri address, TimeSpan timeout) : ITimeAuthority
{
    /// <summary>Longest answer that is read, bytes; real ones have 1 to 8 KiB.</summary>
    public const int MaxAnswer = 64 * 1024;

    /// <inheritdoc/>
    public async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        using var content = new ReadOnlyMemoryContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
        using var message = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        try
        {
            using HttpResponseMessage response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "application/timestamp-reply") return null;
            using Stream stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            byte[] buffer = new byte[MaxAnswer + 1];
            int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit.Token).ConfigureAwait(false);
            return length > MaxAnswer ? null : buffer[..length];
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException || failure is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return null;                                       // the caller counts it and asks again
        }
    }
}
