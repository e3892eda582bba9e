using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Sfu.Recorder.Journal;
using Sfu.Recordings.Evidence;

namespace Sfu.Tests.Recordings;

/// <summary>What is read from an evidence folder, and how the verifier is run.</summary>
public sealed class EvidenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sfu-evidence-").FullName;
    private readonly FolderArchive _archive = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Manifest_NotSigned_IsNotThereYet()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "recording.json"), "{}");
        Assert.Null(await _archive.ManifestAsync(_folder, default));
        Assert.Null(await _archive.GapsAsync(_folder, default));

        await SealAsync(Guid.NewGuid());

        Assert.Equal("[1]", (await _archive.GapsAsync(_folder, default))!.Value.GetRawText());
        Assert.Equal("""{"score":99}""", (await _archive.QualityAsync(_folder, default))!.Value.GetRawText());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(13)]
    public async Task Proofs_EveryChunk_LeadsToTheRoot(int chunks)
    {
        var recording = Guid.CreateVersion7();
        var chain = new RecordingChain(recording);
        byte[] hash = SHA256.HashData([.. "SFUJ1"u8, .. recording.ToByteArray(bigEndian: true)]);
        string segments = Path.Combine(_folder, "seg", "rec-a");
        Directory.CreateDirectory(segments);
        var hashes = new List<byte[]>();
        for (int i = 0; i < chunks; i++)
        {
            byte[] chunk = Chunk(chain, recording);
            await File.AppendAllBytesAsync(Path.Combine(segments, $"seg-{1 + i / 4:D6}.sfuj"), chunk);
            hashes.Add(hash = SHA256.HashData([.. hash, .. chunk[..^4]]));
        }

        await SealAsync(recording);

        InclusionProofs proofs = (await _archive.ProofsAsync(_folder, 0, 999, default))!;

        Assert.Equal(chunks, proofs.Size);
        for (int i = 0; i < chunks; i++)
        {
            Assert.Equal(Convert.ToHexStringLower(hashes[i]), proofs.Proofs[i].Hash);
            Assert.Equal(proofs.Root, Convert.ToHexStringLower(RfcTree.Climb(hashes[i], i, chunks, proofs.Proofs[i].Path)));
        }
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("changed")]
    [InlineData("out of order")]
    [InlineData("another recording's")]
    public async Task Proofs_SegmentIsWrong_IsSaid(string how)
    {
        var recording = Guid.CreateVersion7();
        var chain = new RecordingChain(recording);
        byte[] first = Chunk(chain, recording), second = Chunk(chain, recording);
        second[^30] ^= (byte)(how == "changed" ? 1 : 0);
        string segments = Path.Combine(_folder, "seg", "rec-a");
        Directory.CreateDirectory(segments);
        await File.WriteAllBytesAsync(Path.Combine(segments, "seg-000001.sfuj"), how switch
        {
            "torn" => [.. first, .. second[..70]],
            "out of order" => [.. second, .. first],
            _ => [.. first, .. second],
        });
        await SealAsync(how.StartsWith("another", StringComparison.Ordinal) ? Guid.CreateVersion7() : recording);

        await Assert.ThrowsAnyAsync<IOException>(() => _archive.ProofsAsync(_folder, 0, 1, default));
    }

    [Theory]
    [InlineData("printf '{\"findings\":[{\"chunk\":7}]}'; exit 3", "TAMPERED", "[{\"chunk\":7}]")]
    [InlineData("printf '{\"findings\":[]}'; exit 0", "VALID_COMPLETE", "[]")]
    [InlineData("printf 'no json'; exit 0", null, null)]
    [InlineData("printf '{}'; exit 9", null, null)]
    public async Task Verify_Process_IsReadByItsExitCode(string script, string? verdict, string? findings)
    {
        string program = Path.Combine(_folder, "verify.sh");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var verifier = new VerifierProcess(TimeProvider.System, NullLogger<VerifierProcess>.Instance) { Program = program };

        Verification? found = await verifier.VerifyAsync(_folder, default);

        Assert.Equal(verdict, found?.Verdict);
        Assert.Equal(findings, found?.Findings.GetRawText());
    }

    [Fact]
    public async Task Verify_ServersSecretsInTheEnvironment_AreNotHandedOn()
    {
        const string Name = "Sfu__ApiKeys__verifier";
        Environment.SetEnvironmentVariable(Name, new string('h', 40));        // good as a key: servers of other tests read it meanwhile
        try
        {
            await Verify_Process_IsReadByItsExitCode($"printf '{{\"findings\":[\"%s\"]}}' \"${Name}\"; exit 0", "VALID_COMPLETE", "[\"\"]");
        }
        finally
        {
            Environment.SetEnvironmentVariable(Name, null);
        }
    }

    [Fact]
    public async Task Verify_NoProgram_IsNoAnswer()
    {
        using var verifier = new VerifierProcess(TimeProvider.System, NullLogger<VerifierProcess>.Instance) { Program = Path.Combine(_folder, "absent") };

        Assert.Null(await verifier.VerifyAsync(_folder, default));
    }

    private async Task SealAsync(Guid recording)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "recording.json"), $$$"""{"recording":"{{{recording:D}}}","gaps":[1],"quality":{"score":99}}""");
        await File.WriteAllTextAsync(Path.Combine(_folder, "recording.json.sig"), "x");
    }

    private static byte[] Chunk(RecordingChain chain, Guid recording)
    {
        byte[] body = RandomNumberGenerator.GetBytes(10 + (int)chain.Next), index = RandomNumberGenerator.GetBytes(4);
        using var gcm = new AesGcm(RandomNumberGenerator.GetBytes(32), 16);
        byte[] room = new byte[ChainHash.Size + ChunkSealer.SizeOf(index.Length, body.Length)];
        ChunkSealer.Seal(chain, gcm, new ChunkHeader(FrameKind.Chunk, ChunkMarks.None, recording, 1, 1, 0, 0, 0, 0, 0), index, body, room);
        return room[ChainHash.Size..];
    }
}
