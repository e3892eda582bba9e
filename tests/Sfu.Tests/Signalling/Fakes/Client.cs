using System.Text;
using System.Text.Json;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>A client of a test: its socket and the session behind it.</summary>
internal sealed class Client(World world, FakeSocket socket, Session? session)
{
    public FakeSocket Socket { get; private set; } = socket;

    public Session Session => session ?? throw new InvalidOperationException("The join was refused.");

    public JsonElement Joined { get; set; }

    public ParticipantId Id => Session.ParticipantId;

    /// <summary>The media session that was opened for it.</summary>
    public FakeMediaSession Media => world.Media.Opened.Last(media => media.Participant == Id);

    /// <summary>Sends one message; single quotes stand for double ones.</summary>
    public void Send(string json)
    {
        ReadResult read = ClientMessageReader.Read(Encoding.UTF8.GetBytes(json.Replace('\'', '"')));
        Assert.True(read.Message is not null, $"{json}: {read.Problem}");
        Socket.LastFrameAt = world.Time.GetTimestamp();
        Session.OnMessage(Socket, read.Message);
    }

    /// <summary>The socket breaks.</summary>
    public void Cut() => Session.OnSocketLost(Socket);

    /// <summary>Resumes on a new socket, which becomes the client's; the answer is left on it.</summary>
    public JoinReply Resume(long seq, string? token = null, string? secret = null)
    {
        FakeSocket fresh = world.NewSocket();
        string tokenMember = token is null ? "" : $",\"token\":\"{token}\"";
        JoinReply reply = world.Ask(fresh, $$"""
            {"type":"join","id":9,"v":1,"client":{"name":"test"}{{tokenMember}},
             "resume":{"session":"{{Joined.GetProperty("session").GetString()}}","secret":"{{secret ?? Joined.GetProperty("secret").GetString()}}","seq":{{seq}} } }
            """);
        Socket = fresh;
        session = reply.Session;
        return reply;
    }
}
