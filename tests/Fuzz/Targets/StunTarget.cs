using System.Buffers.Binary;
using System.Text;
using Sfu.Media;
using Sfu.Media.Ice;
using Sfu.Media.Time;

namespace Sfu.Fuzz.Targets;

/// <summary>STUN through both agents. Nothing unauthenticated is answered, validated or nominated, and answers verify.</summary>
internal sealed class StunTarget : FuzzTarget
{
    private static readonly MediaTime Now = MediaTime.FromSeconds(5);
    private static readonly TransportAddress Home = TransportAddress.FromIPv4(0xC000_0201, 5000);
    private static readonly TransportAddress Away = new(0x2001_0DB8_0000_0000, 1, 6000);

    private readonly byte[] _password = Encoding.UTF8.GetBytes(Targets.Seeds.Server.Password);
    private readonly byte[] _response = new byte[128];
    private readonly byte[] _scratch = new byte[4096];

    public override string Name => "stun";

    public override string SeedKind => "stun";

    // One agent is made for each input, with its memory of transactions; that checks allocate nothing is a test of the agent's.
    public override long AllocationLimit(int length) => 32 * 1024;

    public override IEnumerable<byte[]> Seeds() => Targets.Seeds.Stun();

    /// <summary>Mostly makes length, MESSAGE-INTEGRITY and FINGERPRINT right again, so that what lies behind them is reached.</summary>
    public override int Repair(Span<byte> input, FuzzRandom random)
    {
        if (random.OnceIn(4) || input.Length < 28) return input.Length;
        int length = input.Length & ~3;
        input = input[..length];
        BinaryPrimitives.WriteUInt16BigEndian(input[2..], (ushort)(length - StunMessage.HeaderSize));
        BinaryPrimitives.WriteUInt32BigEndian(input[4..], StunMessage.Cookie);
        if (!random.OnceIn(4)) Sign(input);
        BinaryPrimitives.WriteUInt32BigEndian(input[^8..], (uint)StunAttribute.Fingerprint << 16 | 4);
        BinaryPrimitives.WriteUInt32BigEndian(input[^4..], StunMessage.FingerprintOf(input[..^8]));
        return length;
    }

    public override long Run(ReadOnlySpan<byte> input)
    {
        DropReason reason = StunMessage.TryParse(input, out StunMessage message);
        bool isAuthentic = reason == DropReason.None && message.HasIntegrity(_password);
        var agent = new IceLiteAgent(Targets.Seeds.Server, Targets.Seeds.Client);
        IceOutcome outcome = agent.OnStun(Now, Home, input, _response, out int length);
        CheckAnswer(input, message, isAuthentic, agent, outcome, length);
        if (outcome != IceOutcome.Dropped && length > 0)
        {
            Oracle.That(agent.OnStun(Now, Away, input, _response, out int replayed) == IceOutcome.Dropped || IsZeroTransaction(input), "a replay from elsewhere was taken");
            Oracle.That(replayed == 0 || IsZeroTransaction(input), "a replay from elsewhere was answered");
        }
        if (reason != DropReason.None) return (long)reason;
        return 100 + (long)outcome + 10 * (long)agent.LastDrop + 1000 * ((long)message.Type % 7) + 10_000 * (message.HasUseCandidate ? 1 : 0)
            + 20_000 * (message.ErrorCode / 100) + (message.TryGetServerUfrag(out _) ? 50_000_000 : 0) + (message.Priority != 0 ? 100_000_000 : 0);
    }

    private void CheckAnswer(ReadOnlySpan<byte> input, in StunMessage message, bool isAuthentic, IceLiteAgent agent, IceOutcome outcome, int length)
    {
        if (!isAuthentic)
        {
            Oracle.That(outcome == IceOutcome.Dropped && length == 0, "something unauthenticated was answered");
            Oracle.That(!agent.IsValidated(Home) && agent.Selected is null, "something unauthenticated validated an address");
            return;
        }
        Oracle.That(outcome == IceOutcome.SelectedChanged == (agent.Selected == Home), "the outcome is not what happened");
        Oracle.That(outcome != IceOutcome.SelectedChanged || message.HasUseCandidate, "an address was selected without nomination");
        Oracle.That((outcome == IceOutcome.Dropped) == (length == 0), "dropped and answered");
        if (length == 0) return;
        Oracle.That(StunMessage.TryParse(_response.AsSpan(0, length), out StunMessage answer) == DropReason.None && answer.HasIntegrity(_password), "an answer does not verify");
        Oracle.That(answer.TransactionId.SequenceEqual(message.TransactionId), "an answer has another transaction");
        Oracle.That(answer.Type == (agent.IsValidated(Home) ? StunType.BindingResponse : StunType.BindingError), "an answer is of the wrong type");
        Oracle.That(length <= input.Length + 44, "an answer is much larger than what asked for it");
    }

    // All zeros stands for "no transaction" in the agent's memory of them.
    private static bool IsZeroTransaction(ReadOnlySpan<byte> input) => !input.Slice(8, 12).ContainsAnyExcept((byte)0);

    private void Sign(Span<byte> input)
    {
        for (int at = StunMessage.HeaderSize; at + 24 <= input.Length - 8;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(input[(at + 2)..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(input[at..]) == StunAttribute.MessageIntegrity)
            {
                BinaryPrimitives.WriteUInt16BigEndian(input[(at + 2)..], 20);
                input[..at].CopyTo(_scratch);
                BinaryPrimitives.WriteUInt16BigEndian(_scratch.AsSpan(2), (ushort)(at + 24 - StunMessage.HeaderSize));
                StunMessage.Hash(_password, _scratch.AsSpan(0, at), input.Slice(at + 4, 20));
                return;
            }
            at += 4 + (length + 3 & ~3);
        }
    }
}
