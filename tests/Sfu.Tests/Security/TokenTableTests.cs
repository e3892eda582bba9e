using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sfu.Configuration;
using Sfu.Rooms;
using Sfu.Security;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Security;

/// <summary>T25: what a token may and may not be.</summary>
public sealed partial class TokenTableTests
{
    private const string Secret = "7c2f0e3d9b8a41656f1d2c3b4a59687701f2e3d4c5b6a798";
    private const string OtherSecret = "00ff11ee22dd33cc44bb55aa66998877f0e1d2c3b4a59687";
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly long At = Now.ToUnixTimeSeconds();

    private readonly TokenValidator _validator = new(
        new ApiKeyRing([new ApiKey("key", new Secret(Secret), "default"), new ApiKey("new", new Secret(OtherSecret), "acme")], isDevelopment: false),
        Options.Create(new TokenOptions()),
        new FakeTimeProvider(Now));

    public static TheoryData<string, string> Good => new()
    {
        { "plain", Join() },
        { "no typ", Sign("""{"alg":"HS256"}""", Claims()) },
        { "typ jwt", Sign("""{"alg":"HS256","typ":"jwt"}""", Claims()) },
        { "kid of the key", Sign("""{"alg":"HS256","typ":"JWT","kid":"key"}""", Claims()) },
        { "no nbf", Sign(Header, Timed("""{"iss":"key","sub":"ann","exp":@+60@,"video":{"room":"r","roomJoin":true}}""")) },
        { "expired 5 s ago is within the skew", Sign(Header, Claims(exp: At - 5)) },
        { "begins in 5 s is within the skew", Sign(Header, Claims(nbf: At + 5)) },
        { "fractions of seconds", Sign(Header, Timed("""{"iss":"key","sub":"ann","exp":@+60@.75,"nbf":@+0@.25,"video":{"room":"r","roomJoin":true}}""")) },
        { "lives 24 h", Sign(Header, Claims(nbf: At, exp: At + 86_400)) },
        { "grants of other servers", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"canUpdateOwnMetadata":true,"ingressAdmin":true,"agent":{"x":1}}""")) },
        { "claims of other servers", Sign(Header, Timed("""{"iss":"key","sub":"ann","exp":@+60@,"video":{"room":"r","roomJoin":true},"sip":{"admin":true},"attributes":{"a":"b"},"jti":"x","aud":"y"}""")) },
        { "null grants count as absent", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"canPublish":null,"canPublishSources":null}""")) },
        { "a back end has no identity", Sign(Header, Timed("""{"iss":"key","exp":@+60@,"video":{"roomCreate":true}}""")) },
        { "no video claim grants nothing", Sign(Header, Timed("""{"iss":"key","sub":"ann","exp":@+60@}""")) },
        { "second key", Sign(Header, Claims(iss: "new"), OtherSecret) },
        { "identity of other languages", Sign(Header, Claims(sub: "安娜 @例子")) },
        { "longest metadata", Sign(Header, Claims(extra: $",\"metadata\":\"{new string('ä', 2048)}\"")) },
    };

    public static TheoryData<string, string?> Bad => new()
    {
        { "null", null },
        { "empty", "" },
        { "one part", "abc" },
        { "two parts", Join()[..Join().LastIndexOf('.')] },
        { "four parts", Join() + ".x" },
        { "five parts (encrypted)", Join() + ".x.y" },
        { "empty parts", ".." },
        { "blank in front", " " + Join() },
        { "no base64url", "####." + Join().Split('.')[1] + "." + Join().Split('.')[2] },
        { "over the size", Sign(Header, Claims(extra: $",\"x\":\"{new string('a', 20_000)}\"")) },
        { "signature cut", Join()[..^1] },
        { "signature changed", Flip(Join(), 2) },
        { "claims changed", Flip(Join(), 1) },
        { "header changed", Flip(Join(), 0) },
        { "no signature", Join()[..(Join().LastIndexOf('.') + 1)] },
        { "other secret", Sign(Header, Claims(), OtherSecret) },
        { "issuer of the other key", Sign(Header, Claims(iss: "new")) },
        { "unknown issuer", Sign(Header, Claims(iss: "nobody")) },
        { "issuer in other case", Sign(Header, Claims(iss: "KEY")) },
        { "no issuer", Sign(Header, Timed("""{"sub":"ann","exp":@+60@,"video":{}}""")) },
        { "issuer is a number", Sign(Header, Timed("""{"iss":1,"sub":"ann","exp":@+60@,"video":{}}""")) },
        { "alg none", Unsigned("""{"alg":"none"}""") },
        { "alg None", Unsigned("""{"alg":"None"}""") },
        { "alg nOnE with a signature", Sign("""{"alg":"nOnE"}""", Claims()) },
        { "alg HS512", Sign("""{"alg":"HS512"}""", Claims()) },
        { "alg HS384", Sign("""{"alg":"HS384"}""", Claims()) },
        { "alg RS256", Sign("""{"alg":"RS256"}""", Claims()) },
        { "alg hs256", Sign("""{"alg":"hs256"}""", Claims()) },
        { "alg twice", Sign("""{"alg":"HS256","alg":"none"}""", Claims()) },
        { "alg missing", Sign("""{"typ":"JWT"}""", Claims()) },
        { "alg is a list", Sign("""{"alg":["HS256"]}""", Claims()) },
        { "typ of another token", Sign("""{"alg":"HS256","typ":"at+jwt"}""", Claims()) },
        { "kid of another key", Sign("""{"alg":"HS256","kid":"new"}""", Claims()) },
        { "kid with a path", Sign("""{"alg":"HS256","kid":"../../dev/null"}""", Claims()) },
        { "jwk in the header", Sign("""{"alg":"HS256","jwk":{"kty":"oct"}}""", Claims()) },
        { "jku in the header", Sign("""{"alg":"HS256","jku":"https://evil.example"}""", Claims()) },
        { "x5u in the header", Sign("""{"alg":"HS256","x5u":"https://evil.example"}""", Claims()) },
        { "crit in the header", Sign("""{"alg":"HS256","crit":["exp"]}""", Claims()) },
        { "zip in the header", Sign("""{"alg":"HS256","zip":"DEF"}""", Claims()) },
        { "header is a list", Sign("[]", Claims()) },
        { "expired 6 s ago", Sign(Header, Claims(exp: At - 6)) },
        { "expired 60 s ago", Sign(Header, Claims(exp: At - 60)) },
        { "begins in 6 s", Sign(Header, Claims(nbf: At + 6)) },
        { "issued in the future", Sign(Header, Claims(extra: $",\"iat\":{At + 60}")) },
        { "no expiry", Sign(Header, """{"iss":"key","sub":"ann","video":{"room":"r","roomJoin":true}}""") },
        { "expiry is text", Sign(Header, """{"iss":"key","sub":"ann","exp":"9999999999","video":{}}""") },
        { "expiry is null", Sign(Header, """{"iss":"key","sub":"ann","exp":null,"video":{}}""") },
        { "expiry is negative", Sign(Header, """{"iss":"key","sub":"ann","exp":-1,"video":{}}""") },
        { "expiry is 1e300", Sign(Header, """{"iss":"key","sub":"ann","exp":1e300,"video":{}}""") },
        { "expiry twice", Sign(Header, Timed("""{"iss":"key","sub":"ann","exp":@-60@,"exp":@+60@,"video":{}}""")) },
        { "lives too long", Sign(Header, Claims(nbf: At, exp: At + 86_500)) },
        { "lives too long, dated back", Sign(Header, Claims(nbf: At - 86_000, exp: At + 3600)) },
        { "lives too long without nbf", Sign(Header, Timed("""{"iss":"key","sub":"ann","exp":@+90000@,"video":{}}""")) },
        { "room twice", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"room":"other"}""")) },
        { "video twice", Sign(Header, Timed("""{"iss":"key","sub":"ann","exp":@+60@,"video":{"room":"r"},"video":{"roomAdmin":true,"room":"r"}}""")) },
        { "member twice by escape", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"\u0072oom":"other"}""")) },
        { "room is a number", Sign(Header, Claims(video: """{"room":1,"roomJoin":true}""")) },
        { "room with a slash", Sign(Header, Claims(video: """{"room":"a/b","roomJoin":true}""")) },
        { "room is ..", Sign(Header, Claims(video: """{"room":"..","roomJoin":true}""")) },
        { "room over the length", Sign(Header, Claims(video: $$"""{"room":"{{new string('r', 129)}}","roomJoin":true}""")) },
        { "grant is text", Sign(Header, Claims(video: """{"room":"r","roomJoin":"true"}""")) },
        { "grant is 1", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"roomAdmin":1}""")) },
        { "consent without its text", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"recordingConsent":true}""")) },
        { "consent to a short text", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"recordingConsent":"abc"}""")) },
        { "consent to upper case", Sign(Header, Claims(video: $$"""{"room":"r","roomJoin":true,"recordingConsent":"{{new string('A', 64)}}"}""")) },
        { "unknown source", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"canPublishSources":["hologram"]}""")) },
        { "sources are text", Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"canPublishSources":"camera"}""")) },
        { "too many sources", Sign(Header, Claims(video: $$"""{"room":"r","canPublishSources":[{{string.Join(',', Enumerable.Repeat("\"camera\"", 17))}}]}""")) },
        { "video is a list", Sign(Header, Claims(video: "[]")) },
        { "joins without identity", Sign(Header, Claims(sub: "")) },
        { "identity is a number", Sign(Header, Timed("""{"iss":"key","sub":5,"exp":@+60@,"video":{"room":"r","roomJoin":true}}""")) },
        { "identity with a slash", Sign(Header, Claims(sub: "a/b")) },
        { "identity with a control character", Sign(Header, Claims(sub: """a\u0000b""")) },
        { "identity over the length", Sign(Header, Claims(sub: new string('a', 129))) },
        { "lone surrogate", Sign(Header, Claims(sub: """\ud800""")) },
        { "name over the length", Sign(Header, Claims(extra: $",\"name\":\"{new string('n', 129)}\"")) },
        { "metadata over the length", Sign(Header, Claims(extra: $",\"metadata\":\"{new string('m', 2049)}\"")) },
        { "claims too deep", Sign(Header, Claims(extra: $",\"x\":{string.Concat(Enumerable.Repeat("[", 40))}{string.Concat(Enumerable.Repeat("]", 40))}")) },
        { "claims with a comment", Sign(Header, "/* */" + Claims()) },
        { "claims with a trailing comma", Sign(Header, Claims()[..^1] + ",}") },
        { "claims with trailing text", Sign(Header, Claims() + "{}") },
        { "claims are a list", Sign(Header, "[]") },
        { "claims are no UTF-8", SignBytes([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public async Task Validate_GoodToken_IsTaken(string what, string token)
    {
        TokenOutcome outcome = await _validator.ValidateAsync(token);

        Assert.True(outcome.Problem is null, $"{what}: {outcome.Problem}");
        Assert.NotNull(outcome.Token);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Validate_BadToken_IsRefusedWithOneSentence(string what, string? token)
    {
        TokenOutcome outcome = await _validator.ValidateAsync(token);

        Assert.True(outcome.Token is null, what);
        Assert.EndsWith(".", outcome.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, outcome.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_Together_HaveAtLeastSixtyRows() => Assert.True(Good.Count + Bad.Count >= 60);

    [Fact]
    public async Task Validate_UnknownIssuerAndWrongSignature_AreAnsweredAlike()
    {
        TokenOutcome unknown = await _validator.ValidateAsync(Sign(Header, Claims(iss: "nobody")));
        TokenOutcome forged = await _validator.ValidateAsync(Sign(Header, Claims(), OtherSecret));

        Assert.Equal(unknown.Problem, forged.Problem);
    }

    [Fact]
    public async Task Validate_FullToken_ReadsEveryClaim()
    {
        string video = """
            {"room":"sales","roomJoin":true,"roomCreate":true,"roomList":true,"roomAdmin":true,"roomRecord":true,"canPublish":true,
             "canSubscribe":false,"canPublishData":false,"canPublishSources":["camera","screen_share_audio","other"],"hidden":true,"recorder":true,
             "recordingConsent":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
            """;
        AccessToken token = (await _validator.ValidateAsync(Sign(Header, Claims(iss: "new", video: video, extra: ",\"name\":\"Ann\",\"metadata\":\"m\""), OtherSecret))).Token!;

        Assert.Equal(("new", "acme", "ann", "Ann", "m"), (token.ApiKey, token.Tenant, token.Identity, token.Name, token.Metadata));
        Assert.Equal(Now.AddSeconds(60), token.ExpiresAt);
        Assert.Equal("sales", token.Grants.Room);
        Assert.True(token.Grants is { RoomJoin: true, RoomCreate: true, RoomList: true, RoomAdmin: true, RoomRecord: true, CanPublish: true, Hidden: true, Recorder: true });
        Assert.True(token.Grants is { CanSubscribe: false, CanPublishData: false });
        Assert.Equal("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", token.Grants.RecordingConsent);
        Assert.Equal([TrackSource.Camera, TrackSource.ScreenShareAudio, TrackSource.Other], token.Grants.CanPublishSources);
    }

    [Fact]
    public async Task Validate_GrantsNotSaid_HaveTheDefaultsOfTheSdks()
    {
        VideoGrants plain = (await _validator.ValidateAsync(Join())).Token!.Grants;
        VideoGrants silent = (await _validator.ValidateAsync(Sign(Header, Claims(video: """{"room":"r","roomJoin":true,"canPublish":false}""")))).Token!.Grants;

        Assert.True(plain is { CanPublish: true, CanSubscribe: true, CanPublishData: true, RoomAdmin: false, RoomCreate: false, RoomList: false, Hidden: false, Recorder: false });
        Assert.True(silent is { CanPublish: false, CanSubscribe: true, CanPublishData: false });
    }

    [Fact]
    public async Task Validate_EveryTruncation_IsRefused()
    {
        string token = Join();
        for (int length = 0; length < token.Length; length++) Assert.NotNull((await _validator.ValidateAsync(token[..length])).Problem);
    }

    [Fact]
    public async Task Validate_OwnIssuersToken_IsTaken()
    {
        string token = new TokenIssuer(new FakeTimeProvider(Now)).Issue(
            new ApiKey("key", new Secret(Secret), "default"), "zoë", "Zoë", TimeSpan.FromHours(1), new Dictionary<string, object> { ["room"] = "r", ["roomJoin"] = true });

        AccessToken read = (await _validator.ValidateAsync(token)).Token!;

        Assert.Equal(("zoë", "Zoë", "r", true), (read.Identity, read.Name, read.Grants.Room, read.Grants.RoomJoin));
    }

    /// <summary>Puts times into claims: <c>@+60@</c> is 60 s from now.</summary>
    private static string Timed(string claims) => TimeMark().Replace(claims, mark => (At + long.Parse(mark.Groups[1].Value, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex("@([+-][0-9]+)@")]
    private static partial Regex TimeMark();

    private static string Join() => Sign(Header, Claims());

    private static string Claims(string iss = "key", string sub = "ann", long? exp = null, long? nbf = null, string? video = null, string extra = "") =>
        $$"""{"iss":"{{iss}}","sub":"{{sub}}","nbf":{{nbf ?? At - 5}},"exp":{{exp ?? At + 60}},"video":{{video ?? """{"room":"r","roomJoin":true}"""}}{{extra}}}""";

    private static string Sign(string header, string claims, string secret = Secret) => TestServer.Sign(header, claims, secret);

    private static string SignBytes(byte[] claims)
    {
        string body = $"{Base64(Encoding.UTF8.GetBytes(Header))}.{Base64(claims)}";
        return $"{body}.{Base64(System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body)))}";
    }

    private static string Unsigned(string header) => $"{Base64(Encoding.UTF8.GetBytes(header))}.{Base64(Encoding.UTF8.GetBytes(Claims()))}.";

    private static string Flip(string token, int part)
    {
        string[] parts = token.Split('.');
        char[] letters = parts[part].ToCharArray();
        letters[4] = letters[4] == 'A' ? 'B' : 'A';
        parts[part] = new string(letters);
        return string.Join('.', parts);
    }

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
