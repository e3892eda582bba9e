namespace Sfu.Router.Pipes;

/// <summary>One entry of a <see cref="PipeRing"/>.</summary>
/// <remarks>The body lies in the ring and is valid until the reader gives its memory back.</remarks>
internal readonly ref struct PipeRecord
{
    /// <summary>What it is.</summary>
    internal PipeRecordKind Kind { get; init; }

    /// <summary>Index of the encoding it concerns.</summary>
    internal byte Encoding { get; init; }

    /// <summary>What its kind needs to say besides.</summary>
    internal PipeFlags Flags { get; init; }

    /// <summary>The edge's number of the producer (<see cref="Workers.ProducerId"/>).</summary>
    internal long Channel { get; init; }

    /// <summary>When the packet was received, in nanoseconds of the process's media clock.</summary>
    internal long Time { get; init; }

    /// <summary>Unwrapped sequence number at the origin.</summary>
    internal long Index { get; init; }

    /// <summary>The packet, or the note.</summary>
    internal ReadOnlySpan<byte> Body { get; init; }
}

/// <summary>What an entry of a pipe is.</summary>
internal enum PipeRecordKind : byte
{
    /// <summary>Rest of the ring before it begins anew; never seen by who reads.</summary>
    Filler,

    /// <summary>A plain RTP packet.</summary>
    Packet,

    /// <summary>A sequence number whose packet is nothing for viewers.</summary>
    Skipped,

    /// <summary>The producer is let through, or not.</summary>
    State,

    /// <summary>What is known of a stream (<see cref="StreamNote"/>).</summary>
    Note,

    /// <summary>The producer was negotiated anew: its parameters lie in the channel.</summary>
    Update,
}

/// <summary>Particulars of an entry.</summary>
[Flags]
internal enum PipeFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>State: the server mutes the producer.</summary>
    Muted = 1,

    /// <summary>State: it must be recorded and is not.</summary>
    Unrecorded = 2,

    /// <summary>Packet: what came before it is missing, so viewers begin anew with it.</summary>
    Resumes = 4,
}
