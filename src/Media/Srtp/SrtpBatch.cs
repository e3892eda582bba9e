using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sfu.Media.Native;
using Sfu.Media.Rtp;

namespace Sfu.Media.Srtp;

/// <summary>AES-CM packets of many senders that are protected together when they leave: sixteen at once take a third of the time that they
/// take one by one (docs/adr/0002-srtp-engines.md).</summary>
/// <remarks>Owned by one media worker; not thread-safe; no allocation per packet. Packets that were added, and the keys of their senders,
/// stay in place until <see cref="Flush"/>. Under GCM, and without IPsec-MB, nothing is ever added.</remarks>
public sealed unsafe class SrtpBatch : IDisposable
{
    /// <summary>Packets at most; one more flushes those before it.</summary>
    internal const int Capacity = 64;

    /// <summary>So few go one by one: a lane that is empty costs as much as one that is not.</summary>
    internal const int MaxSingles = 4;

    private const int IndexLength = 4;
    private const int IvStride = 16;
    private const int TagStride = 32;

    private readonly IpsecMbJobs? _jobs;
    private readonly Pending[] _pending = new Pending[Capacity];   // what it refers to after a flush is overwritten by the next
    private readonly byte[] _ivs = GC.AllocateArray<byte>(Capacity * IvStride, pinned: true);
    private readonly byte[] _tags = GC.AllocateArray<byte>(Capacity * TagStride, pinned: true);
    private int _count;

    /// <summary>Makes an empty batch; it owns the jobs.</summary>
    internal SrtpBatch(IpsecMbJobs? jobs) => _jobs = jobs;

    /// <summary>Packets that wait.</summary>
    public int Count => _count;

    /// <summary>Packets that were protected together with others, since the start.</summary>
    public long Together { get; private set; }

    /// <summary>Packets that were protected one by one all the same, since the start.</summary>
    public long Singly { get; private set; }

    /// <summary>There is an engine for many at once.</summary>
    internal bool IsEnabled => _jobs is not null;

    /// <summary>Protects what waits; all packets handed to <see cref="SrtpSender.Protect(Span{byte}, int, ReadOnlySpan{byte}, Ssrc, ulong, SrtpBatch)"/>
    /// are whole afterwards.</summary>
    public void Flush()
    {
        if (_count == 0) return;
        int count = _count;
        _count = 0;                                        // also when a cipher fails: the worker ends then
        int rest = count % _jobs!.Lanes;
        int together = rest <= MaxSingles ? count - rest : count;
        if (together > 0) ProtectTogether(together);
        for (int i = together; i < count; i++)
        {
            ref readonly Pending packet = ref _pending[i];
            var bytes = new Span<byte>(packet.Bytes, packet.Length + packet.Transform.TagLength);
            packet.Transform.ProtectRtp(bytes, packet.HeaderLength, bytes[packet.HeaderLength..packet.Length], packet.Ssrc, packet.Index);
        }

        Together += together;
        Singly += count - together;
    }

    /// <inheritdoc/>
    public void Dispose() => _jobs?.Dispose();

    /// <summary>Adds a packet of a sender that has keys for it.</summary>
    /// <param name="transform">The sender's.</param>
    /// <param name="destination">Holds the header; memory that does not move. Room for payload and tag behind it.</param>
    /// <param name="headerLength">Length of the header.</param>
    /// <param name="payload">Not empty; elsewhere, or in place.</param>
    /// <param name="ssrc">The SSRC in the header.</param>
    /// <param name="index">48 bits.</param>
    internal void Add(SrtpTransform transform, Span<byte> destination, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index)
    {
        if (_count == Capacity) Flush();
        int length = headerLength + payload.Length;
        Span<byte> whole = destination[..(length + transform.TagLength)];
        payload.CopyTo(whole[headerLength..]);             // the library hashes in place; 20 ns
        BinaryPrimitives.WriteUInt32BigEndian(whole[length..], (uint)(index >> 16));   // ROC, where the tag goes
        ref Pending packet = ref _pending[_count++];
        packet.Transform = transform;
        packet.Bytes = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(whole));
        packet.HeaderLength = headerLength;
        packet.Length = length;
        packet.Ssrc = ssrc;
        packet.Index = index;
    }

    private void ProtectTogether(int count)
    {
        var ivs = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_ivs));
        var tags = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_tags));
        for (int i = 0; i < count; i++)
        {
            ref readonly Pending packet = ref _pending[i];
            byte* iv = ivs + i * IvStride;
            packet.Transform.BeginTogether(new Span<byte>(iv, IvStride), packet.Ssrc, packet.Index);
            _jobs!.Submit(
                packet.Transform.JobKey!, packet.Bytes, packet.HeaderLength, packet.Length, packet.Length + IndexLength, iv, tags + i * TagStride);
        }

        _jobs!.Finish();
        for (int i = 0; i < count; i++)
        {
            ref readonly Pending packet = ref _pending[i];
            _tags.AsSpan(i * TagStride, packet.Transform.TagLength).CopyTo(new Span<byte>(packet.Bytes + packet.Length, packet.Transform.TagLength));
        }
    }

    private struct Pending
    {
        internal SrtpTransform Transform;
        internal byte* Bytes;
        internal int HeaderLength;
        internal int Length;
        internal Ssrc Ssrc;
        internal ulong Index;
    }
}
