using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sfu.Recorder.Evidence;

namespace Sfu.Verify.Tests;

/// <summary>Tampers with a copy in one of many ways, and says what has to come of it.</summary>
internal sealed class Tamperer(EvidenceCopy copy, Random random, bool isSealed)
{
    private const string Stem = "seg/rec-a/seg-00000";

    /// <summary>Unsealed folders have no sums: what nothing signs there (README, certificates) cannot be judged.</summary>
    private readonly string[] _signed =
        [.. copy.Names.Where(name => isSealed || name.StartsWith("seg/", StringComparison.Ordinal) || name.StartsWith("key", StringComparison.Ordinal) || name == "root.pem")];

    public Tampering Next()
    {
        return random.Next(16) switch
        {
            0 or 1 or 2 or 3 => FlipBit(Any(_signed)),
            4 => FlipBit(Any(copy.Objects)),
            5 => ChangeLength(Any(_signed)),
            6 => SwapChunks(),
            7 => RemoveOrRepeatChunk(),
            8 => ForgeChunk(),
            9 => SwapFiles(),
            10 => RemoveFile(),
            11 => RemoveOrAddSegment(),
            12 => EditManifest(),
            13 => SwapKeys(),
            14 when isSealed => EditSums(),
            _ => Cut(),
        };
    }

    private static string[] Pair(string name) => name switch
    {
        "SHA256SUMS" or "SHA256SUMS.sig" => ["SHA256SUMS", "SHA256SUMS.sig"],
        _ => [name],
    };

    /// <summary>Without sums nobody can tell which of a file and its signature was changed.</summary>
    private string[] Named(string name)
    {
        if (isSealed || name.EndsWith(".tsr", StringComparison.Ordinal)) return Pair(name);
        string signed = name.EndsWith(".sig", StringComparison.Ordinal) ? name[..^4] : name;
        return name.StartsWith("key", StringComparison.Ordinal) || name == "root.pem" ? [name, signed, "keys.json"] : [name, signed];
    }

    private Verdict[] Found(string name) => name.EndsWith(".tsr", StringComparison.Ordinal) ? [Verdict.Tampered, Verdict.TimeUnattested, .. isSealed ? [] : Tampering.Cut]
        : Tampering.ChangedOrUnknown;

    private string Any(IReadOnlyList<string> names) => names[random.Next(names.Count)];

    private Tampering FlipBit(string name)
    {
        byte[] content = [.. copy.Original(name)];
        int at = random.Next(content.Length), bit = random.Next(8);
        content[at] ^= (byte)(1 << bit);
        copy.Write(name, content);
        ulong? chunk = name.EndsWith(".sfuj", StringComparison.Ordinal) ? EvidenceCopy.ChunkAt(copy.Original(name), at) : null;
        return new Tampering($"bit {bit} of byte {at} of {name} flipped", chunk is null ? Found(name) : Tampering.Changed, Named(name), chunk);
    }

    private Tampering ChangeLength(string name)
    {
        byte[] content = copy.Original(name);
        int at = random.Next(content.Length);
        bool isObject = name.EndsWith(".sfuj", StringComparison.Ordinal);
        bool add = random.Next(2) == 0 || isObject && name == copy.Objects[^1];  // a byte less at the end of the last one is a cut
        byte[] changed = add ? [.. content[..at], (byte)random.Next(256), .. content[at..]] : [.. content[..at], .. content[(at + 1)..]];
        copy.Write(name, changed);
        return new Tampering($"byte {(add ? "added" : "removed")} at {at} of {name}", isObject ? Tampering.Changed : Found(name), Named(name));
    }

    private Tampering SwapChunks()
    {
        string a = Any(copy.Objects), b = random.Next(2) == 0 ? a : Any(copy.Objects);
        List<byte[]> first = Split(a), second = a == b ? first : Split(b);
        int i = random.Next(first.Count), j = random.Next(second.Count);
        if (a == b && i == j) j = (i + 1) % first.Count;
        (first[i], second[j]) = (second[j], first[i]);
        copy.Write(a, Join(first));
        if (a != b) copy.Write(b, Join(second));
        return new Tampering($"chunk {i} of {a} and {j} of {b} swapped", Tampering.Changed, [a], EvidenceCopy.ChunkAt(copy.Original(a), Join(Split(a)[..Math.Min(i, a == b ? j : i)]).Length));
    }

    private Tampering RemoveOrRepeatChunk()
    {
        string name = Any(copy.Objects);
        List<byte[]> chunks = Split(name);
        int at = random.Next(chunks.Count);
        ulong number = Number(chunks[at]);
        bool repeat = random.Next(2) == 0 || at == chunks.Count - 1 && name == copy.Objects[^1];
        if (repeat) chunks.Insert(at, chunks[at]); else chunks.RemoveAt(at);
        copy.Write(name, Join(chunks));
        return new Tampering($"chunk {at} of {name} {(repeat ? "repeated" : "removed")}", Tampering.Changed, [name], repeat ? number + 1 : number);
    }

    private Tampering ForgeChunk()
    {
        string name = Any(copy.Objects);
        List<byte[]> chunks = Split(name);
        int at = random.Next(chunks.Count);
        chunks[at][random.Next(40, 56)] ^= (byte)(1 << random.Next(8));
        ChunkWriter.FixCrc(chunks[at]);
        copy.Write(name, Join(chunks));
        return new Tampering($"chunk {at} of {name} forged", Tampering.Changed, [name], at == 0 ? Number(chunks[0]) : null);
    }

    private Tampering SwapFiles()
    {
        int a = 1 + random.Next(copy.Objects.Count), b = 1 + (a + random.Next(copy.Objects.Count - 1)) % copy.Objects.Count;
        string[] suffixes = random.Next(6) switch
        {
            0 => [".sfuj"],
            1 => [".json"],
            2 => [".json.sig"],
            3 => [".json.tsr"],
            4 => [".json", ".json.sig", ".json.tsr"],
            _ => [".sfuj", ".json", ".json.sig", ".json.tsr"],
        };
        foreach (string suffix in suffixes) copy.Swap($"{Stem}{a}{suffix}", $"{Stem}{b}{suffix}");
        string[] named = [.. suffixes.Select(suffix => $"{Stem}{a}{suffix}"), .. suffixes.Select(suffix => $"{Stem}{b}{suffix}")];
        return new Tampering($"{string.Join(' ', suffixes)} of segments {a} and {b} swapped", Tampering.Changed, [.. named.SelectMany(Named)]);
    }

    private Tampering RemoveFile()
    {
        string name = Any(_signed);
        copy.Delete(name);
        string last = copy.Objects[^1];
        bool isUnsigned = !isSealed && name == $"{last[..^5]}.json";             // as a crash leaves it, but for its token
        Verdict[] found = name == "SHA256SUMS" || name == last ? Tampering.Cut
            : name.EndsWith(".tsr", StringComparison.Ordinal) ? isSealed ? [Verdict.TimeUnattested] : Tampering.Cut : Tampering.Changed;
        if (isUnsigned) return new Tampering($"{name} removed", Tampering.Changed, [name]);
        return new Tampering($"{name} removed", found, [name]);
    }

    private Tampering RemoveOrAddSegment()
    {
        int count = copy.Objects.Count, no = random.Next(1, count);
        if (random.Next(2) == 0)
        {
            foreach (string suffix in (string[])[".sfuj", ".json", ".json.sig", ".json.tsr"]) copy.Delete($"{Stem}{no}{suffix}");
            return new Tampering($"segment {no} removed", Tampering.Changed, [$"{Stem}{no}.sfuj"]);
        }
        foreach (string suffix in (string[])[".sfuj", ".json", ".json.sig", ".json.tsr"]) copy.Write($"{Stem}{count + 1}{suffix}", copy.Original($"{Stem}{no}{suffix}"));
        return new Tampering($"segment {no} repeated at the end", Tampering.Changed, [$"{Stem}{count + 1}.json", $"{Stem}{count + 1}.sfuj"]);
    }

    /// <summary>A manifest is edited and signed again: with a stranger's key under the old name, or under the stranger's.</summary>
    private Tampering EditManifest()
    {
        string name = isSealed && random.Next(3) == 0 ? "recording.json" : $"{Stem}{1 + random.Next(copy.Objects.Count)}.json";
        string text = Encoding.UTF8.GetString(copy.Original(name));
        text = random.Next(3) switch
        {
            0 => text.Replace("\"archived\":", "\"archived\":1", StringComparison.Ordinal),
            1 => text.Replace("\"identity\":\"ann\"", "\"identity\":\"bob\"", StringComparison.Ordinal),
            _ => text.Replace("2026-03-01T08", "2026-03-01T07", StringComparison.Ordinal),
        };
        if (random.Next(2) == 0) text = text.Replace(TestAuthority.Signer, TestAuthority.Stranger, StringComparison.Ordinal);
        byte[] json = Encoding.UTF8.GetBytes(text);
        copy.Write(name, json);
        if (random.Next(4) > 0) copy.Write(name + ".sig", TestAuthority.Strangers.Sign(json, TestAuthority.Stranger));
        return new Tampering($"{name} edited and signed again", Tampering.ChangedOrUnknown, [name]);
    }

    /// <summary>A stranger puts an own key in the place of the signer's, and signs everything again: only the pinned root tells.</summary>
    private Tampering SwapKeys()
    {
        (byte[] json, byte[] signature, IReadOnlyList<KeyEntry> keys) = TestAuthority.Strangers.PublicKeys([TestAuthority.Stranger]);
        string text = Encoding.UTF8.GetString(json).Replace(TestAuthority.Stranger, TestAuthority.Signer, StringComparison.Ordinal);
        bool all = random.Next(2) == 0;
        copy.Write("keys.json", Encoding.UTF8.GetBytes(text));
        if (!all) return new Tampering("keys.json replaced", Tampering.Changed, ["keys.json"]);
        copy.Write("keys.json", json);
        copy.Write("keys.json.sig", signature);
        copy.Write("root.pem", Encoding.ASCII.GetBytes(TestAuthority.Strangers.RootPem));
        copy.Delete($"keys/{TestAuthority.Signer}.pem");
        copy.Write($"keys/{TestAuthority.Stranger}.pem", Encoding.ASCII.GetBytes(keys[0].Pem));
        return new Tampering("keys and root replaced", Tampering.ChangedOrUnknown, ["keys.json"]);
    }

    private Tampering EditSums()
    {
        string[] lines = Encoding.UTF8.GetString(copy.Original("SHA256SUMS")).Split('\n');
        int at = random.Next(lines.Length - 1);
        lines[at] = random.Next(3) switch
        {
            0 => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + lines[at][64..],
            1 => lines[at] + "x",
            _ => lines[at] + "\n" + lines[at],
        };
        byte[] sums = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        copy.Write("SHA256SUMS", sums);
        if (random.Next(2) == 0) copy.Write("SHA256SUMS.sig", TestAuthority.Strangers.Sign(sums, TestAuthority.Stranger));
        return new Tampering($"line {at} of SHA256SUMS edited", Tampering.Changed, ["SHA256SUMS"]);
    }

    /// <summary>The end is cut off. At the end of the last segment that is genuine and short; anywhere else something was removed.</summary>
    private Tampering Cut()
    {
        int gone = random.Next(copy.Objects.Count);                              // whole segments at the end
        for (int no = copy.Objects.Count; no > copy.Objects.Count - gone; no--)
        {
            foreach (string suffix in (string[])[".sfuj", ".json", ".json.sig", ".json.tsr"]) copy.Delete($"{Stem}{no}{suffix}");
        }
        bool isLast = gone > 0 || random.Next(2) == 0;
        string name = copy.Objects[isLast ? copy.Objects.Count - gone - 1 : 0];
        List<byte[]> chunks = Split(name);
        int left = random.Next(chunks.Count);
        byte[] content = Join(chunks[..left]);
        if (random.Next(2) == 0) content = [.. content, .. chunks[left][..random.Next(chunks[left].Length)]];
        if (gone > 0 && random.Next(2) == 0)
        {
            string first = isSealed ? $"{Stem}{copy.Objects.Count - gone + 1}.sfuj" : "recording.json";
            return new Tampering($"the last {gone} segments cut off", Tampering.Cut, [first]);
        }
        copy.Write(name, content);
        return new Tampering($"{name} cut after {content.Length} bytes, {gone} segments gone", isLast ? Tampering.Cut : Tampering.Changed, [name], Number(chunks[left]));
    }

    private static ulong Number(byte[] frame) => BinaryPrimitives.ReadUInt64LittleEndian(frame.AsSpan(32));

    private List<byte[]> Split(string name)
    {
        byte[] file = copy.Original(name);
        return [.. EvidenceCopy.Frames(file).Select(frame => file.AsSpan(frame.At, frame.Length).ToArray())];
    }

    private static byte[] Join(List<byte[]> chunks) => [.. chunks.SelectMany(chunk => chunk)];
}
