using System.Net;
using System.Net.Http.Headers;
using Sfu.Recorder.Evidence;

namespace Sfu.Recorder.Tests.Evidence;

public sealed class HttpTimeAuthorityTests
{
    private static readonly Uri Address = new("http://tsa.test/");

    [Fact]
    public async Task Answer_Reply_IsGivenBack()
    {
        byte[]? answer = await Ask(request =>
        {
            Assert.Equal("application/timestamp-query", request.Content!.Headers.ContentType!.MediaType);
            return Reply([1, 2, 3]);
        });

        Assert.Equal([1, 2, 3], answer);
    }

    [Fact]
    public async Task Answer_TooLong_IsNone() => Assert.Null(await Ask(_ => Reply(new byte[HttpTimeAuthority.MaxAnswer + 1])));

    [Fact]
    public async Task Answer_AnotherType_IsNone() => Assert.Null(await Ask(_ => Reply([1], "text/html")));

    [Fact]
    public async Task Answer_ServerError_IsNone() => Assert.Null(await Ask(_ => new HttpResponseMessage(HttpStatusCode.BadGateway)));

    [Fact]
    public async Task Answer_NoConnection_IsNone() => Assert.Null(await Ask(_ => throw new HttpRequestException("refused")));

    [Fact]
    public async Task Answer_NeverComes_EndsAtTheTimeout()
    {
        using var client = new HttpClient(new Handler(async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return Reply([1]);
        }));

        Assert.Null(await new HttpTimeAuthority(client, Address, TimeSpan.FromMilliseconds(20)).AnswerAsync(new byte[] { 1 }, default));
    }

    [Fact]
    public async Task Answer_Cancelled_Throws()
    {
        using var client = new HttpClient(new Handler((_, cancellation) => Task.FromCanceled<HttpResponseMessage>(cancellation)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new HttpTimeAuthority(client, Address, TimeSpan.FromSeconds(10)).AnswerAsync(new byte[] { 1 }, new CancellationToken(true)));
    }

    private static async Task<byte[]?> Ask(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using var client = new HttpClient(new Handler((request, _) => Task.FromResult(answer(request))));
        return await new HttpTimeAuthority(client, Address, TimeSpan.FromSeconds(10)).AnswerAsync(new byte[] { 1 }, default);
    }

    private static HttpResponseMessage Reply(byte[] content, string type = "application/timestamp-reply") =>
        new() { Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(type) } } };

    private sealed class Handler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);
    }
}
