using Sfu.Media.Time;

namespace Sfu.Simulation.Network;

/// <summary>What one direction of a link does to datagrams.</summary>
internal sealed record LinkOptions
{
    /// <summary>A perfect link with 10 ms one way.</summary>
    internal static LinkOptions Good { get; } = new();

    /// <summary>One way.</summary>
    internal TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Added delay, uniform from zero to this.</summary>
    internal TimeSpan Jitter { get; init; }

    /// <summary>Jitter lets datagrams overtake; else it holds back those behind.</summary>
    internal bool Reorders { get; init; }

    /// <summary>Share of datagrams that come twice.</summary>
    internal double Duplicates { get; init; }

    /// <summary>Which datagrams are lost; null for none.</summary>
    internal Func<ILossModel>? Loss { get; init; }

    /// <summary>Rate of the narrowest hop; null for no limit.</summary>
    internal Bitrate? Rate { get; init; }

    /// <summary>Longest wait before that hop; what would wait longer is dropped.</summary>
    internal TimeSpan Queue { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The same link with another one-way delay in milliseconds.</summary>
    internal LinkOptions After(double milliseconds) => this with { Delay = TimeSpan.FromMilliseconds(milliseconds) };

    /// <summary>The same link with independent loss.</summary>
    internal LinkOptions Losing(double share) => this with { Loss = share > 0 ? () => new PlainLoss(share) : null };
}
