using System.Runtime.InteropServices;
using System.Security.Cryptography;
// A job is in the place that the manager gives; submitting may do the work of all lanes (several us), so the collector does not wait for it.
using unsafe NextFunction = delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, Sfu.Media.Native.IpsecMbJob*>;
using unsafe JobFunction = delegate* unmanaged[Cdecl]<byte*, Sfu.Media.Native.IpsecMbJob*>;

namespace Sfu.Media.Native;

/// <summary>AES-CM with HMAC-SHA1 of IPsec-MB: several packets at once, one in each lane of the vector registers.</summary>
/// <remarks>Owned by one thread with everything it queues. What <see cref="Submit"/> was given stays in place until
/// <see cref="Finish"/>.</remarks>
internal sealed unsafe class IpsecMbJobs : IDisposable
{
    /// <summary>Most jobs between two calls of <see cref="Finish"/>: the library's queue holds 256 and gives each back in order.</summary>
    internal const int MaxJobs = 128;

    /// <summary>Bytes of a whole HMAC-SHA1 code; the library writes all of them, or twelve.</summary>
    internal const int TagLength = 20;

    private readonly IpsecMbManagerHandle _handle;
    private readonly NextFunction _next;
    private readonly JobFunction _submit;
    private readonly JobFunction _flush;
    private byte* _manager;                                // null once disposed
    private int _pending;

    /// <summary>Makes a manager.</summary>
    public IpsecMbJobs(LibIpsecMb library)
    {
        _handle = new IpsecMbManagerHandle(library);
        _manager = _handle.Pointer;
        if (_manager == null) throw new InvalidOperationException("IPsec-MB has no memory for a manager.");
        _next = (NextFunction)(*(nint*)(_manager + IpsecMbLayout.GetNextJob));
        _submit = (JobFunction)(*(nint*)(_manager + IpsecMbLayout.SubmitJob));
        _flush = (JobFunction)(*(nint*)(_manager + IpsecMbLayout.FlushJob));
        Lanes = *(int*)(_manager + IpsecMbLayout.UsedArchitecture) == IpsecMbLayout.ArchitectureAvx512 ? 16 : 8;
    }

    /// <summary>Packets that are hashed at once.</summary>
    internal int Lanes { get; }

    /// <summary>Queues a packet: its payload is encrypted in place, then header, payload and the four bytes behind it are authenticated.</summary>
    /// <param name="key">Keys of its sender.</param>
    /// <param name="packet">The header, the plain payload, the rollover counter.</param>
    /// <param name="headerLength">Bytes that stay in clear.</param>
    /// <param name="length">Header and payload; more than <paramref name="headerLength"/>.</param>
    /// <param name="hashedLength">From the packet's start.</param>
    /// <param name="iv">16 bytes.</param>
    /// <param name="tag">Takes <see cref="TagLength"/> bytes; apart from the packet.</param>
    internal void Submit(IpsecMbCounterKey key, byte* packet, int headerLength, int length, int hashedLength, byte* iv, byte* tag)
    {
        ObjectDisposedException.ThrowIf(_manager == null, this);
        if (_pending == MaxJobs) throw new InvalidOperationException("Too many packets at once.");
        IpsecMbJob* job = _next(_manager);
        *job = default;
        job->EncryptKeys = key.Encrypt;
        job->DecryptKeys = key.Decrypt;
        job->KeyLength = 16;
        job->Source = packet;
        job->Destination = packet + headerLength;
        job->CipherStart = (ulong)headerLength;
        job->CipherLength = (ulong)(length - headerLength);
        job->HashLength = (ulong)hashedLength;
        job->Iv = iv;
        job->IvLength = 16;
        job->Tag = tag;
        job->TagLength = TagLength;
        job->InnerState = key.Inner;
        job->OuterState = key.Outer;
        job->CipherMode = IpsecMbLayout.CipherCounter;
        job->CipherDirection = IpsecMbLayout.Encrypt;
        job->Hash = IpsecMbLayout.HmacSha1;
        job->Order = IpsecMbLayout.CipherThenHash;
        _pending++;
        Take(_submit(_manager));
    }

    /// <summary>Completes everything queued.</summary>
    internal void Finish()
    {
        ObjectDisposedException.ThrowIf(_manager == null, this);
        while (_pending > 0)
            if (!Take(_flush(_manager))) throw new CryptographicException("IPsec-MB lost a job.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _manager = null;
        _handle.Dispose();
    }

    private bool Take(IpsecMbJob* done)
    {
        if (done == null) return false;
        _pending--;
        if (done->Status != IpsecMbLayout.Completed) throw new CryptographicException($"IPsec-MB refused a job with valid arguments: status {done->Status}.");
        return true;
    }
}

/// <summary>IMB_JOB: the fields that are set; the others stay zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = IpsecMbLayout.JobSize)]
internal unsafe struct IpsecMbJob
{
    [FieldOffset(IpsecMbLayout.JobEncryptKeys)] internal byte* EncryptKeys;
    [FieldOffset(IpsecMbLayout.JobDecryptKeys)] internal byte* DecryptKeys;
    [FieldOffset(IpsecMbLayout.JobKeyLength)] internal ulong KeyLength;
    [FieldOffset(IpsecMbLayout.JobSource)] internal byte* Source;
    [FieldOffset(IpsecMbLayout.JobDestination)] internal byte* Destination;
    [FieldOffset(IpsecMbLayout.JobCipherStart)] internal ulong CipherStart;
    [FieldOffset(IpsecMbLayout.JobCipherLength)] internal ulong CipherLength;
    [FieldOffset(IpsecMbLayout.JobHashLength)] internal ulong HashLength;
    [FieldOffset(IpsecMbLayout.JobIv)] internal byte* Iv;
    [FieldOffset(IpsecMbLayout.JobIvLength)] internal ulong IvLength;
    [FieldOffset(IpsecMbLayout.JobTag)] internal byte* Tag;
    [FieldOffset(IpsecMbLayout.JobTagLength)] internal ulong TagLength;
    [FieldOffset(IpsecMbLayout.JobInnerState)] internal byte* InnerState;
    [FieldOffset(IpsecMbLayout.JobOuterState)] internal byte* OuterState;
    [FieldOffset(IpsecMbLayout.JobStatus)] internal int Status;
    [FieldOffset(IpsecMbLayout.JobCipherMode)] internal int CipherMode;
    [FieldOffset(IpsecMbLayout.JobCipherDirection)] internal int CipherDirection;
    [FieldOffset(IpsecMbLayout.JobHash)] internal int Hash;
    [FieldOffset(IpsecMbLayout.JobOrder)] internal int Order;
}

/// <summary>Owns one manager of IPsec-MB.</summary>
internal sealed unsafe class IpsecMbManagerHandle : SafeHandle
{
    private readonly LibIpsecMb _library;

    public IpsecMbManagerHandle(LibIpsecMb library) : base(0, ownsHandle: true)
    {
        _library = library;
        SetHandle((nint)library.CreateManager());
    }

    public override bool IsInvalid => handle == 0;

    internal byte* Pointer => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        _library.FreeManager((byte*)handle);
        return true;
    }
}
