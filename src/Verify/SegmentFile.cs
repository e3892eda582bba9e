using System.Text.Json;

namespace Sfu.Verify;

/// <summary>A segment's manifest, as far as it is checked.</summary>
internal sealed record SegmentFile(
    string Recording, long Segment, string Node, byte[] PreviousManifest, string ObjectName, long ObjectBytes, byte[] ObjectHash, byte[] Prev, byte[] First,
    byte[] Last, ulong FirstChunk, long Chunks, byte[] MerkleRoot, IReadOnlyList<StreamLine> Streams)
{
    internal static SegmentFile Parse(JsonElement root)
    {
        if (root.Text("v") != "sfu-seg/1") throw new MalformedException("v: another version");
        if (root.Text("alg") != "ES256") throw new MalformedException("alg: another algorithm");
        JsonElement file = root.Object("object"), chain = root.Object("chain"), merkle = root.Object("merkle");
        long chunks = chain.Count("chunks");
        if (chunks == 0) throw new MalformedException("chunks: none");
        if (merkle.Text("alg") != "rfc9162-sha256" || merkle.Count("size") != chunks) throw new MalformedException("merkle: another tree");
        return new SegmentFile(
            root.Text("recording"), root.Count("segment"), root.Text("node"), root.Hash("prevManifestSha256"), file.Text("name"), file.Count("bytes"),
            file.Hash("sha256"), chain.Hash("prev"), chain.Hash("first"), chain.Hash("last"), (ulong)chain.Count("firstChunk"), chunks, merkle.Hash("root"),
            ParseStreams(root));
    }

    internal static List<StreamLine> ParseStreams(JsonElement root)
    {
        var streams = new List<StreamLine>();
        foreach (JsonElement track in root.Items("tracks"))
        {
            uint no = track.U32("no");
            foreach (JsonElement stream in track.Items("streams"))
            {
                streams.Add(new StreamLine(
                    no, stream.Ssrc("ssrc"), stream.U32("firstSeq"), stream.U32("lastSeq"), stream.Count("received"), stream.Count("archived"),
                    stream.CountOrNull("senderPackets"), stream.Count("duplicates"), stream.Count("repaired"), (ulong)stream.Count("bytes"),
                    stream.Spans("lost"), stream.Spans("withheld")));
            }
        }
        return streams;
    }
}
