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

    /// <summary>offsetof(IMB_MGR, get_next_job).</summary>
    public const int GetNextJob = 64;

    /// <summary>offsetof(IMB_MGR, submit_job).</summary>
    public const int SubmitJob = 72;

    /// <summary>offsetof(IMB_MGR, flush_job).</summary>
    public const int FlushJob = 96;

    /// <summary>offsetof(IMB_MGR, keyexp_128).</summary>
    public const int ExpandKey128 = 112;

    /// <summary>offsetof(IMB_MGR, sha1_one_block).</summary>
    public const int Sha1OneBlock = 160;

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

    /// <summary>sizeof(IMB_JOB).</summary>
    public const int JobSize = 200;

    /// <summary>offsetof(IMB_JOB, enc_keys).</summary>
    public const int JobEncryptKeys = 0;

    /// <summary>offsetof(IMB_JOB, dec_keys).</summary>
    public const int JobDecryptKeys = 8;

    /// <summary>offsetof(IMB_JOB, key_len_in_bytes).</summary>
    public const int JobKeyLength = 16;

    /// <summary>offsetof(IMB_JOB, src).</summary>
    public const int JobSource = 24;

    /// <summary>offsetof(IMB_JOB, dst).</summary>
    public const int JobDestination = 32;

    /// <summary>offsetof(IMB_JOB, cipher_start_src_offset_in_bytes).</summary>
    public const int JobCipherStart = 40;

    /// <summary>offsetof(IMB_JOB, msg_len_to_cipher_in_bytes).</summary>
    public const int JobCipherLength = 48;

    /// <summary>offsetof(IMB_JOB, msg_len_to_hash_in_bytes); hash_start_src_offset_in_bytes, before it, stays 0.</summary>
    public const int JobHashLength = 64;

    /// <summary>offsetof(IMB_JOB, iv).</summary>
    public const int JobIv = 72;

    /// <summary>offsetof(IMB_JOB, iv_len_in_bytes).</summary>
    public const int JobIvLength = 80;

    /// <summary>offsetof(IMB_JOB, auth_tag_output).</summary>
    public const int JobTag = 88;

    /// <summary>offsetof(IMB_JOB, auth_tag_output_len_in_bytes).</summary>
    public const int JobTagLength = 96;

    /// <summary>offsetof(IMB_JOB, u.HMAC._hashed_auth_key_xor_ipad).</summary>
    public const int JobInnerState = 104;

    /// <summary>offsetof(IMB_JOB, u.HMAC._hashed_auth_key_xor_opad).</summary>
    public const int JobOuterState = 112;

    /// <summary>offsetof(IMB_JOB, status).</summary>
    public const int JobStatus = 128;

    /// <summary>offsetof(IMB_JOB, cipher_mode).</summary>
    public const int JobCipherMode = 132;

    /// <summary>offsetof(IMB_JOB, cipher_direction).</summary>
    public const int JobCipherDirection = 136;

    /// <summary>offsetof(IMB_JOB, hash_alg).</summary>
    public const int JobHash = 140;

    /// <summary>offsetof(IMB_JOB, chain_order).</summary>
    public const int JobOrder = 144;

    /// <summary>IMB_STATUS_COMPLETED.</summary>
    public const int Completed = 3;

    /// <summary>IMB_CIPHER_CNTR.</summary>
    public const int CipherCounter = 2;

    /// <summary>IMB_DIR_ENCRYPT.</summary>
    public const int Encrypt = 1;

    /// <summary>IMB_AUTH_HMAC_SHA_1.</summary>
    public const int HmacSha1 = 1;

    /// <summary>IMB_ORDER_CIPHER_HASH.</summary>
    public const int CipherThenHash = 1;
}
