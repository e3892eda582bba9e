using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Http;

/// <summary>Reads the text bodies of WHIP and WHEP under their limit.</summary>
internal static class HttpBody
{
    /// <summary>True when the request says its body is of this media type; parameters do not matter.</summary>
    public static bool IsOfType(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the body.</summary>
    /// <returns>The text, or why there is none.</returns>
    public static async Task<(string Text, HttpRefusal? Refusal)> ReadAsync(HttpRequest request, int maxBytes)
    {
        var tooLarge = new HttpRefusal(413, ErrorCodes.Limit, $"The body may have at most {maxBytes} bytes.");
        if (request.ContentLength > maxBytes) return ("", tooLarge);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(maxBytes + 1);
        try
        {
            int length = await request.Body.ReadAtLeastAsync(
                buffer.AsMemory(0, maxBytes + 1), maxBytes + 1, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
            if (length > maxBytes) return ("", tooLarge);
            if (!Utf8.IsValid(buffer.AsSpan(0, length))) return ("", new HttpRefusal(400, ErrorCodes.BadSdp, "The body is not valid UTF-8."));
            return (Encoding.UTF8.GetString(buffer, 0, length), null);
        }
        catch (BadHttpRequestException exception)
        {
            return ("", new HttpRefusal(exception.StatusCode, ErrorCodes.BadMessage, "The body did not arrive whole."));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
