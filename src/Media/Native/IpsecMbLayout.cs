namespace Sfu.Media.Native;

/// <summary>What the binding of IPsec-MB relies on, from intel-ipsec-mb.h 1.3.0; offsets and sizes in bytes. A test compiles a program
/// against the installed header and compares every value.</summary>
internal static class IpsecMbLayout
{
    /// <summary>IMB_VERSION_NUM without the patch level: releases of 1.3 share these values.</summary>
    public const uint Version = 0x0103;

    /// <summary>offsetof(IMB_MGR, features).</summary>
    public const int Features = 8;

    /// <summary>offsetof(IMB_MGR, used_arch).</summary>
    public const int UsedArchitecture = 56;

    /// <summary>offsetof(IMB_MGR, gcm128_enc).</summary>
    public const int Gcm128Encrypt = 256;

    /// <summary>offsetof(IMB_MGR, gcm256_enc).</summary>
    public const int Gcm256Encrypt = 272;

    /// <summary>offsetof(IMB_MGR, gcm128_dec).</summary>
    public const int Gcm128Decrypt = 280;

    /// <summary>offsetof(IMB_MGR, gcm256_dec).</summary>
    public const int Gcm256Decrypt = 296;

    /// <summary>offsetof(IMB_MGR, gcm128_pre).</summary>
    public const int Gcm128Prepare = 448;

    /// <summary>offsetof(IMB_MGR, gcm256_pre).</summary>
    public const int Gcm256Prepare = 464;

    /// <summary>sizeof(struct gcm_key_data), rounded up to the alignment the library itself is built with.</summary>
    public const int KeySize = 1024;

    /// <summary>Alignment of struct gcm_key_data.</summary>
    public const int KeyAlignment = 64;

    /// <summary>sizeof(struct gcm_context_data), rounded up.</summary>
    public const int ContextSize = 128;

    /// <summary>IMB_ARCH_AVX2.</summary>
    public const int ArchitectureAvx2 = 4;

    /// <summary>IMB_ARCH_AVX512.</summary>
    public const int ArchitectureAvx512 = 5;

    /// <summary>IMB_CPUFLAGS_AVX2: what the AVX2 code needs.</summary>
    public const ulong CpuAvx2 = 0x4_007E;

    /// <summary>IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ.</summary>
    public const ulong CpuVectorAes = 0x3000;

    /// <summary>IMB_FEATURE_SELF_TEST.</summary>
    public const ulong SelfTest = 0x10_0000;

    /// <summary>IMB_FEATURE_SELF_TEST_PASS.</summary>
    public const ulong SelfTestPassed = 0x20_0000;
}
