using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Signalling.Protocol;

/// <summary>Reads the frames of clients strictly (docs/signalling.md section 3); never throws, whatever they hold.</summary>
internal static class ClientMessageReader
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ClientMessageLimits.Depth };

    /// <summary>Reads one frame.</summary>
    /// <param name="frame">The whole text frame; hostile. Nothing of the result refers to it afterwards.</param>
    public static ReadResult Read(ReadOnlyMemory<byte> frame)
    {
        if (!Utf8.IsValid(frame.Span)) return Bad(null, "The frame is not valid UTF-8.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(frame, Options);
            return ReadRoot(document.RootElement);
        }
        catch (JsonException)
        {
            return Bad(null, $"The frame is not one JSON object, or nests deeper than {ClientMessageLimits.Depth}.");
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate written as an escape (\ud800) is valid JSON and no text: System.Text.Json finds out when it is read.
            return Bad(null, "A text has an escape that is no character.");
        }
    }

    private static ReadResult ReadRoot(JsonElement root)
    {
        var fields = new MessageFields(root, "");
        string type = fields.Text("type", 32);
        int? id = fields.OptionalInteger("id", 1, int.MaxValue);
        int? re = fields.Problem is null ? id : null;
        ClientMessage? message = fields.Problem is null ? ReadBody(type, id, fields) : null;
        if (message is null) fields.Fail("type", "This type is not known.");
        bool mayOmitId = message is CandidateMessage or LayersMessage or DataMessage or PingMessage or LeaveMessage;
        if (id is null && !mayOmitId) fields.Fail("id", "This member is missing.");
        fields.Finish();
        return fields.Problem is { } problem ? new ReadResult(null, problem, re) : new ReadResult(message, null, null);
    }

    private static ClientMessage? ReadBody(string type, int? id, MessageFields fields) => type switch
    {
        "join" => ReadJoin(id, fields),
        "offer" => ReadOffer(id, fields),
        "candidate" => ReadCandidate(id, fields),
        "publish" => new PublishMessage(id, Track(fields), fields.OptionalWord("source", ProtocolNames.ToSource),
            fields.OptionalProse("name", ClientMessageLimits.DisplayName)),
        "unpublish" => new UnpublishMessage(id, Track(fields)),
        "subscribe" => ReadSubscribe(id, fields),
        "layers" => ReadLayers(id, fields),
        "mute" => new MuteMessage(id, Track(fields), fields.Boolean("muted")),
        "data" => ReadData(id, fields),
        "ping" => new PingMessage(id, fields.Long("t", long.MinValue)),
        "leave" => new LeaveMessage(id, fields.OptionalProse("reason", ClientMessageLimits.LeaveReason) ?? ""),
        "kick" => new KickMessage(id, Participant(fields), fields.OptionalProse("reason", ClientMessageLimits.KickReason) ?? ""),
        "mute_all" => new MuteAllMessage(id, fields.OptionalWord("kind", ProtocolNames.ToKind) ?? MediaKind.Audio),
        "record" => ReadRecord(id, fields),
        "consent" => new ConsentMessage(id, fields.Boolean("granted")),
        "lock" or "unlock" => new LockMessage(id, type == "lock"),
        "admit" or "refuse" => new AdmitMessage(id, Participant(fields), type == "admit"),
        _ => null,
    };

    private static TrackId Track(MessageFields fields) => new(fields.Text("track", ClientMessageLimits.OpaqueId));

    private static ParticipantId Participant(MessageFields fields) => new(fields.Text("participant", ClientMessageLimits.OpaqueId));

    private static JoinMessage ReadJoin(int? id, MessageFields fields)
    {
        fields.Integer("v", 1, 1);
        (string name, string version) = ReadClient(fields);
        return new JoinMessage(
            id, name, version,
            fields.OptionalText("token", ClientMessageLimits.Token),
            fields.OptionalProse("name", ClientMessageLimits.DisplayName) ?? "",
            fields.OptionalProse("metadata", ClientMessageLimits.Metadata) ?? "",
            fields.OptionalWord<bool>("subscribe", word => word switch { "auto" => true, "manual" => false, _ => null }) ?? true,
            ReadResume(fields));
    }

    private static (string Name, string Version) ReadClient(MessageFields fields)
    {
        if (!fields.TryTakeRequired("client", out JsonElement element)) return ("", "");
        var client = new MessageFields(element, "client");
        string name = client.Text("name", ClientMessageLimits.ClientName);
        if (client.Problem is null && !Names.IsText(name, ClientMessageLimits.ClientName)) client.Fail("name", "This text has control characters.");
        string version = client.OptionalProse("version", ClientMessageLimits.ClientVersion) ?? "";
        client.Finish();
        fields.Adopt(client);
        return (name, version);
    }

    private static ResumeTicket? ReadResume(MessageFields fields)
    {
        if (!fields.TryTake("resume", out JsonElement element)) return null;
        var resume = new MessageFields(element, "resume");
        var ticket = new ResumeTicket(
            new SessionId(resume.Text("session", ClientMessageLimits.OpaqueId)),
            resume.Text("secret", ClientMessageLimits.Secret),
            resume.Long("seq", 0));
        resume.Finish();
        fields.Adopt(resume);
        return ticket;
    }

    private static OfferMessage ReadOffer(int? id, MessageFields fields) => new(
        id, fields.Integer("rev", 1, int.MaxValue), fields.Text("sdp", ClientMessageLimits.Sdp), ReadLabels(fields));

    private static Dictionary<string, TrackLabel> ReadLabels(MessageFields fields)
    {
        var labels = new Dictionary<string, TrackLabel>(StringComparer.Ordinal);
        if (!fields.TryTake("tracks", out JsonElement element)) return labels;
        var tracks = new MessageFields(element, "tracks", ClientMessageLimits.LabelledSections);
        foreach (string mid in tracks.Remaining())
        {
            if (mid.Length is < 1 or > ClientMessageLimits.Mid) tracks.Fail(mid, $"A mid has 1 to {ClientMessageLimits.Mid} characters.");
            if (!tracks.TryTake(mid, out JsonElement value)) break;
            var track = new MessageFields(value, tracks.PathOf(mid));
            labels[mid] = new TrackLabel(
                track.OptionalWord("kind", ProtocolNames.ToKind),
                track.OptionalWord("source", ProtocolNames.ToSource),
                track.OptionalProse("name", ClientMessageLimits.DisplayName) ?? "");
            track.Finish();
            tracks.Adopt(track);
        }

        fields.Adopt(tracks);
        return labels;
    }

    private static CandidateMessage ReadCandidate(int? id, MessageFields fields)
    {
        fields.Text("ufrag", ClientMessageLimits.Ufrag);
        fields.Text("mid", ClientMessageLimits.Mid);
        if (fields.TryTakeRequired("candidate", out JsonElement value) && value.ValueKind != JsonValueKind.Null
            && (value.ValueKind != JsonValueKind.String || value.GetString()!.Length > ClientMessageLimits.Candidate))
        {
            fields.Fail("candidate", $"This must be text of at most {ClientMessageLimits.Candidate} characters, or null.");
        }

        return new CandidateMessage(id);
    }

    private static SubscribeMessage ReadSubscribe(int? id, MessageFields fields)
    {
        var tracks = new List<TrackId>();
        if (fields.TryTakeRequired("tracks", out JsonElement value))
        {
            foreach (string track in fields.Texts("tracks", value, ClientMessageLimits.SubscribedTracks, ClientMessageLimits.OpaqueId))
                tracks.Add(new TrackId(track));
        }

        return new SubscribeMessage(id, tracks, fields.Boolean("on"));
    }

    private static LayersMessage ReadLayers(int? id, MessageFields fields) => new(id, Track(fields), new LayerWish(
        fields.Integer("width", 0, ClientMessageLimits.Pixels),
        fields.Integer("height", 0, ClientMessageLimits.Pixels),
        fields.OptionalInteger("fps", 1, ClientMessageLimits.FramesPerSecond) ?? 0,
        (byte)(fields.OptionalInteger("priority", 1, 255) ?? 128),
        fields.OptionalBoolean("paused")));

    private static DataMessage ReadData(int? id, MessageFields fields)
    {
        List<ParticipantId>? to = null;
        if (fields.TryTake("to", out JsonElement value))
        {
            to = [];
            foreach (string participant in fields.Texts("to", value, ClientMessageLimits.DataReceivers, ClientMessageLimits.OpaqueId))
                to.Add(new ParticipantId(participant));
        }

        string topic = fields.Text("topic", ClientMessageLimits.Topic);
        if (fields.Problem is null && !IsTopic(topic)) fields.Fail("topic", "A topic has only A-Z, a-z, 0-9, '.', '_' and '-'.");
        // The frame's own limit bounds both.
        string? text = fields.OptionalText("text", int.MaxValue);
        string? base64 = fields.OptionalText("base64", int.MaxValue);
        if (text is null == base64 is null) fields.Fail("text", "Exactly one of text and base64 must be there.");
        if (base64 is not null && !Base64.IsValid(base64)) fields.Fail("base64", "This is not base64.");
        return new DataMessage(id, to, topic, text, base64);
    }

    private static RecordMessage ReadRecord(int? id, MessageFields fields)
    {
        RecordAction? action = fields.OptionalWord("action", ProtocolNames.ToRecordAction);
        if (action is null) fields.Fail("action", "This must be start, pause, resume or stop.");
        string? participant = null;
        (PauseReason? reason, string? text, int? time) = (null, null, null);
        if (action is RecordAction.Pause or RecordAction.Resume) participant = fields.OptionalText("participant", ClientMessageLimits.OpaqueId, 1);
        if (action is RecordAction.Pause)
        {
            reason = fields.OptionalWord("reason", ProtocolNames.ToPauseReason);
            if (reason is null) fields.Fail("reason", "A pause needs a reason.");
            text = fields.OptionalProse("text", ClientMessageLimits.PauseText);
            time = fields.OptionalInteger("forMs", 1, ClientMessageLimits.PauseMs);
        }

        return new RecordMessage(
            id, action ?? RecordAction.Start, participant is null ? null : new ParticipantId(participant), reason ?? PauseReason.Other, text ?? "", time);
    }

    private static bool IsTopic(string topic)
    {
        foreach (char c in topic)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')) return false;
        }

        return true;
    }

    private static ReadResult Bad(string? field, string message) => new(null, new MessageProblem(field, message), null);
}
