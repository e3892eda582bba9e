using System.Runtime.InteropServices;
// Key, context, output, input, its length, IV, associated data, its length, tag, its length. A packet takes 0.05 to 0.4 us: the
// collector may wait for it.
using unsafe GcmFunction = delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, byte*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void>;
using unsafe KeyFunction = delegate* unmanaged[Cdecl]<byte*, byte*, void>;
using unsafe TwoKeysFunction = delegate* unmanaged[Cdecl]<byte*, byte*, byte*, void>;

namespace Sfu.Media.Native;

/// <summary>Intel IPsec-MB 1.3 (libIPSec_MB.so.1, x86-64). Its functions are pointers inside a manager that it fills for the CPU; those of
/// GCM and of key expansion take no manager, so one manager serves every thread. Jobs (<see cref="IpsecMbJobs"/>) are queued in a manager
/// of their owner.</summary>
/// <remarks>Loaded by hand rather than imported: it may be missing. This manager (200 kB) lives as long as the process, like the library.</remarks>
internal sealed unsafe class LibIpsecMb
{
    private const string Library = "libIPSec_MB.so.1";     // the soname that IpsecMbLayout describes

    private readonly nint _library;
    private readonly bool _hasVectorAes;

    private LibIpsecMb(nint library, bool hasVectorAes, byte* manager, string description)
    {
        _library = library;
        _hasVectorAes = hasVectorAes;
        Description = description;
        ExpandKey128 = (TwoKeysFunction)At(manager, IpsecMbLayout.ExpandKey128);
        Sha1OneBlock = (KeyFunction)At(manager, IpsecMbLayout.Sha1OneBlock);
        Encrypt128 = (GcmFunction)At(manager, IpsecMbLayout.Gcm128Encrypt);
        Encrypt256 = (GcmFunction)At(manager, IpsecMbLayout.Gcm256Encrypt);
        Decrypt128 = (GcmFunction)At(manager, IpsecMbLayout.Gcm128Decrypt);
        Decrypt256 = (GcmFunction)At(manager, IpsecMbLayout.Gcm256Decrypt);
        Prepare128 = (KeyFunction)At(manager, IpsecMbLayout.Gcm128Prepare);
        Prepare256 = (KeyFunction)At(manager, IpsecMbLayout.Gcm256Prepare);
    }

    /// <summary>Version and instruction set, for the log.</summary>
    public string Description { get; }

    internal GcmFunction Encrypt128 { get; }

    internal GcmFunction Encrypt256 { get; }

    internal GcmFunction Decrypt128 { get; }

    internal GcmFunction Decrypt256 { get; }

    /// <summary>Expands a key: key, struct gcm_key_data.</summary>
    internal KeyFunction Prepare128 { get; }

    /// <summary>Expands a key: key, struct gcm_key_data.</summary>
    internal KeyFunction Prepare256 { get; }

    /// <summary>Expands an AES key for a job: key, encryption and decryption schedule (176 bytes each).</summary>
    internal TwoKeysFunction ExpandKey128 { get; }

    /// <summary>SHA-1 of one block from the initial state: 64 bytes, state of 20 bytes.</summary>
    internal KeyFunction Sha1OneBlock { get; }

    /// <summary>Makes a manager for one owner's jobs; null without memory. It is given back to <see cref="FreeManager"/>.</summary>
    internal byte* CreateManager() => NewManager(_library, _hasVectorAes);

    /// <summary>Frees a manager.</summary>
    internal void FreeManager(byte* manager) => Release(_library, manager);

    /// <summary>Loads the library and picks its code for this CPU.</summary>
    /// <param name="refusal">Why it is not used, when null is returned.</param>
    public static LibIpsecMb? TryLoad(out string refusal)
    {
        refusal = "this CPU is not an x86-64";
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return null;
        refusal = Library + " is not installed";
        if (!NativeLibrary.TryLoad(Library, out nint library)) return null;
        uint version = ((delegate* unmanaged[Cdecl]<uint>)NativeLibrary.GetExport(library, "imb_get_version"))();
        refusal = $"version {version >> 16}.{version >> 8 & 0xFF}.{version & 0xFF} of {Library} is not one whose layout was checked";
        if (version >> 8 != IpsecMbLayout.Version) return null;
        ulong cpu = ((delegate* unmanaged[Cdecl]<ulong>)NativeLibrary.GetExport(library, "imb_get_feature_flags"))();
        refusal = "this CPU has no AVX2, AES and carry-less multiplication";
        if ((cpu & IpsecMbLayout.CpuAvx2) != IpsecMbLayout.CpuAvx2) return null;
        return Start(library, version, (cpu & IpsecMbLayout.CpuVectorAes) == IpsecMbLayout.CpuVectorAes, out refusal);
    }

    private static LibIpsecMb? Start(nint library, uint version, bool hasVectorAes, out string refusal)
    {
        refusal = Library + " has no memory for a manager";
        byte* manager = NewManager(library, hasVectorAes);
        if (manager == null) return null;
        ulong features = *(ulong*)(manager + IpsecMbLayout.Features);
        refusal = Library + " failed its own self-test";
        bool passed = (features & IpsecMbLayout.SelfTest) == 0 || (features & IpsecMbLayout.SelfTestPassed) != 0;
        string code = *(int*)(manager + IpsecMbLayout.UsedArchitecture) switch
        {
            IpsecMbLayout.ArchitectureAvx512 => hasVectorAes ? "AVX-512 with VAES" : "AVX-512",
            IpsecMbLayout.ArchitectureAvx2 => hasVectorAes ? "AVX2 with VAES" : "AVX2",
            _ => "",
        };
        if (passed && code.Length > 0)
            return new LibIpsecMb(library, hasVectorAes, manager, $"IPsec-MB {version >> 16}.{version >> 8 & 0xFF}.{version & 0xFF}, {code}");
        Release(library, manager);
        return null;
    }

    private static byte* NewManager(nint library, bool hasVectorAes)
    {
        byte* manager = ((delegate* unmanaged[Cdecl]<ulong, byte*>)NativeLibrary.GetExport(library, "alloc_mb_mgr"))(0);
        if (manager == null) return null;
        // Without VAES the AVX-512 code is slower than the AVX2 code, and lowers the clock of the core (docs/adr/0002-srtp-engines.md).
        if (hasVectorAes) ((delegate* unmanaged[Cdecl]<byte*, int*, void>)NativeLibrary.GetExport(library, "init_mb_mgr_auto"))(manager, null);
        else ((delegate* unmanaged[Cdecl]<byte*, void>)NativeLibrary.GetExport(library, "init_mb_mgr_avx2"))(manager);
        return manager;
    }

    private static void Release(nint library, byte* manager) =>
        ((delegate* unmanaged[Cdecl]<byte*, void>)NativeLibrary.GetExport(library, "free_mb_mgr"))(manager);

    private static nint At(byte* manager, int offset) => *(nint*)(manager + offset);
}
