namespace Sfu.Configuration;

/// <summary>The real-time interfaces <c>/ws</c>, <c>/whip</c>, <c>/whep</c>: section <c>Sfu:Signalling</c>.</summary>
public sealed class SignallingOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Signalling";

    /// <summary>Origins of web pages that may open <c>/ws</c> besides the server's own, such as <c>https://app.example</c>. At most 64; default none.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>STUN and TURN servers that clients are told to use. At most 8; default none: clients reach the server directly.</summary>
    public IList<IceServerOptions> IceServers { get; } = [];

    /// <summary>How long a session outlives its socket while media flows. 5 s to 10 min; default 30 s.</summary>
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After how much silence a transport ends, and a participant whose socket is lost too is gone. 3 s to 60 s; default 12 s.</summary>
    public TimeSpan SilenceTimeout { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>How long a new socket may take to send <c>join</c>. 1 s to 60 s; default 10 s.</summary>
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After how much silence a socket is closed. 3 s to 5 min, at least twice <see cref="PingInterval"/>; default 12 s.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>How often clients are told to ping. 1 s to 60 s; default 5 s.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one message may take to arrive or to leave. 1 s to 60 s; default 10 s.</summary>
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the rooms or the media node may take for one request. 1 s to 60 s; default 10 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages a client may send in the long run, per second. 1 to 1,000; default 30.</summary>
    public int MessagesPerSecond { get; set; } = 30;

    /// <summary>Messages a client may send at once. 1 to 10,000; default 100.</summary>
    public int MessageBurst { get; set; } = 100;

    /// <summary>Bytes of <c>data</c> messages a client may send in the long run, per second; four times as many at once. Everybody in the room
    /// receives them. 1 KiB to 16 MiB; default 64 KiB.</summary>
    public int DataBytesPerSecond { get; set; } = 64 * 1024;

    /// <summary>Largest frame, bytes. 4 KiB to 1 MiB; default 64 KiB.</summary>
    public int FrameBytes { get; set; } = 64 * 1024;

    /// <summary>Largest frame that begins with <c>{"type":"offer"</c>, bytes. 64 KiB to 2 MiB; default 512 KiB.</summary>
    public int OfferBytes { get; set; } = 512 * 1024;

    /// <summary>Messages that may wait for a slow client. 16 to 65,536; default 512.</summary>
    public int OutgoingMessages { get; set; } = 512;

    /// <summary>Bytes that may wait for a slow client. 1 MiB to 64 MiB; default 4 MiB.</summary>
    public int OutgoingBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Sockets of one IP address at once (a call centre is one address). 1 to 100,000; default 2,000.</summary>
    public int SocketsPerAddress { get; set; } = 2000;

    /// <summary>Sockets of one IP address that have not joined yet. 1 to 10,000; default 100.</summary>
    public int UnjoinedPerAddress { get; set; } = 100;

    /// <summary>New sockets of one IP address, per second. 1 to 10,000; default 200.</summary>
    public int NewSocketsPerAddress { get; set; } = 200;

    /// <summary>Bad tokens of one IP address in a minute before it has to wait 60 s. 1 to 10,000; default 20.</summary>
    public int FailuresPerAddress { get; set; } = 20;

    /// <summary>A participant leaves when its token ends. Default false: the token admits only.</summary>
    public bool TokensEndCalls { get; set; }

    /// <summary>Largest body of a WHIP or WHEP request, bytes. 16 KiB to 2 MiB; default 256 KiB.</summary>
    public int HttpBodyBytes { get; set; } = 256 * 1024;

    /// <summary>How long a WHEP player waits for a participant that publishes nothing yet. 0 to 60 s; default 10 s.</summary>
    public TimeSpan WhepWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a WHEP player stays when the participant it plays has left. 0 to 10 min; default 30 s.</summary>
    public TimeSpan WhepLinger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a WHIP or WHEP client may take to connect its media. 5 s to 5 min; default 30 s.</summary>
    public TimeSpan HttpConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
