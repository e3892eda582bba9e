using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Sfu.Rooms;

namespace Sfu.Security;

/// <summary>Reads a token's header and claims strictly: a duplicate member at any depth, a mistyped one, or a header that asks for
/// anything but plain HS256 is refused. Says nothing about the signature; what it reads is hostile until that was checked.</summary>
public sealed class TokenReader
{
    private const int MaxDepth = 16;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    private readonly JsonElement _claims;

    private TokenReader(JsonElement claims, string? keyId, string? issuer)
    {
        _claims = claims;
        KeyId = keyId;
        Issuer = issuer;
    }

    /// <summary>Header <c>kid</c>, or null.</summary>
    public string? KeyId { get; }

    /// <summary>Claim <c>iss</c>, or null.</summary>
    public string? Issuer { get; }

    /// <summary>Claim <c>exp</c>.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>Claim <c>nbf</c>.</summary>
    public DateTimeOffset? NotBefore { get; private init; }

    /// <summary>Claim <c>iat</c>.</summary>
    public DateTimeOffset? IssuedAt { get; private init; }

    /// <summary>Reads the compact form.</summary>
    public static bool TryRead(string token, [NotNullWhen(true)] out TokenReader? reader, [NotNullWhen(false)] out string? problem)
    {
        reader = null;
        string[] parts = token.Split('.');
        if (parts.Length != 3) return Fail("The token is no signed JWT: it must have three parts.", out problem);
        if (!TryParse(parts[0], out JsonElement header)) return Fail("The token's header is no strict JSON object.", out problem);
        if (CheckHeader(header) is { } wrong) return Fail(wrong, out problem);
        if (!TryParse(parts[1], out JsonElement claims)) return Fail("The token's claims are no strict JSON object.", out problem);
        if (!TryText(claims, "iss", out string? issuer)) return Fail("The token's iss is no text.", out problem);
        if (!TryTime(claims, "exp", out DateTimeOffset? expires) || !TryTime(claims, "nbf", out DateTimeOffset? notBefore)
            || !TryTime(claims, "iat", out DateTimeOffset? issued))
        {
            return Fail("The token's exp, nbf and iat must be numbers of seconds since 1970.", out problem);
        }

        _ = TryText(header, "kid", out string? keyId);
        reader = new TokenReader(claims, keyId, issuer) { ExpiresAt = expires, NotBefore = notBefore, IssuedAt = issued };
        problem = null;
        return true;
    }

    /// <summary>Reads the rest of the claims of a token whose signature and times are good.</summary>
    public TokenOutcome ToToken(ApiKey key)
    {
        if (!TryText(_claims, "sub", out string? identity)) return Refuse("sub must be text.");
        if (!TryText(_claims, "name", out string? name) || !Names.IsText(name ?? "", Names.MaxDisplayNameLength))
        {
            return Refuse($"name must be text of at most {Names.MaxDisplayNameLength} characters.");
        }

        if (!TryText(_claims, "metadata", out string? metadata) || !Names.IsText(metadata ?? "", Names.MaxMetadataLength))
        {
            return Refuse($"metadata must be text of at most {Names.MaxMetadataLength} characters.");
        }

        JsonElement video = default;
        if (_claims.TryGetProperty("video", out JsonElement claim) && claim.ValueKind != JsonValueKind.Null)
        {
            if (claim.ValueKind != JsonValueKind.Object) return Refuse("video must be an object.");
            video = claim;
        }

        if (!GrantsReader.TryRead(video, out VideoGrants? grants, out string? problem)) return Refuse(problem);
        if (grants.RoomJoin && !Names.IsIdentity(identity)) return Refuse("sub must be an identity of 1 to 128 printable characters without '/'.");
        if (!string.IsNullOrEmpty(identity) && !Names.IsIdentity(identity)) return Refuse("sub must be at most 128 printable characters without '/'.");

        return new TokenOutcome(
            new AccessToken
            {
                ApiKey = key.Name,
                Tenant = key.Tenant,
                Identity = identity ?? "",
                Name = name ?? "",
                Metadata = metadata ?? "",
                ExpiresAt = ExpiresAt!.Value,
                Grants = grants,
            },
            null);
    }

    private static string? CheckHeader(JsonElement header)
    {
        foreach (JsonProperty member in header.EnumerateObject())
        {
            if (member.Name is not ("alg" or "typ" or "kid")) return "The token's header may hold alg, typ and kid only.";
            if (member.Value.ValueKind != JsonValueKind.String) return "The token's header members must be text.";
        }

        if (!TryText(header, "alg", out string? algorithm) || algorithm != "HS256") return "The token's alg must be HS256.";
        return TryText(header, "typ", out string? type) && type is not (null or "JWT" or "jwt") ? "The token's typ must be JWT." : null;
    }

    private static bool TryParse(string part, out JsonElement element)
    {
        element = default;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
            element = document.RootElement.Clone();
            return element.ValueKind == JsonValueKind.Object;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return false; // hostile text: the caller's answer is all there is to say
        }
    }

    private static bool TryText(JsonElement parent, string name, out string? text)
    {
        text = null;
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return true;
        if (value.ValueKind != JsonValueKind.String) return false;
        return TryGetString(value, out text);
    }

    /// <summary>Text that is no well-formed UTF-16 (a lone surrogate in an escape) makes <see cref="JsonElement.GetString"/> throw.</summary>
    internal static bool TryGetString(JsonElement value, out string? text)
    {
        try
        {
            text = value.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }

    private static bool TryTime(JsonElement claims, string name, out DateTimeOffset? time)
    {
        time = null;
        if (!claims.TryGetProperty(name, out JsonElement value)) return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double seconds)) return false;
        if (!(seconds >= 0 && seconds <= 253_402_300_799)) return false; // years 1970 to 9999

        time = DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return true;
    }

    private static bool Fail(string sentence, out string problem)
    {
        problem = sentence;
        return false;
    }

    private static TokenOutcome Refuse(string problem) => new(null, $"The token's {problem}");
}
