using System.Diagnostics;
using System.Runtime.InteropServices;
using Sfu.Media.Native;

namespace Sfu.Media.Tests.Srtp;

public sealed class IpsecMbLayoutTests
{
    private const string Program = """
        #include <stdio.h>
        #include <stddef.h>
        #include <intel-ipsec-mb.h>
        #define SAY(name, value) printf(name " %llu\n", (unsigned long long)(value))
        int main(void)
        {
            SAY("Version", IMB_VERSION_NUM >> 8);
            SAY("Features", offsetof(IMB_MGR, features));
            SAY("UsedArchitecture", offsetof(IMB_MGR, used_arch));
            SAY("Gcm128Encrypt", offsetof(IMB_MGR, gcm128_enc));
            SAY("Gcm256Encrypt", offsetof(IMB_MGR, gcm256_enc));
            SAY("Gcm128Decrypt", offsetof(IMB_MGR, gcm128_dec));
            SAY("Gcm256Decrypt", offsetof(IMB_MGR, gcm256_dec));
            SAY("Gcm128Prepare", offsetof(IMB_MGR, gcm128_pre));
            SAY("Gcm256Prepare", offsetof(IMB_MGR, gcm256_pre));
            SAY("KeySize", (sizeof(struct gcm_key_data) + 63) / 64 * 64);
            SAY("KeyAlignment", 64);
            SAY("ContextSize", (sizeof(struct gcm_context_data) + 63) / 64 * 64);
            SAY("ArchitectureAvx2", IMB_ARCH_AVX2);
            SAY("ArchitectureAvx512", IMB_ARCH_AVX512);
            SAY("CpuAvx2", IMB_CPUFLAGS_AVX2);
            SAY("CpuVectorAes", IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ);
            SAY("SelfTest", IMB_FEATURE_SELF_TEST);
            SAY("SelfTestPassed", IMB_FEATURE_SELF_TEST_PASS);
            SAY("GetNextJob", offsetof(IMB_MGR, get_next_job));
            SAY("SubmitJob", offsetof(IMB_MGR, submit_job));
            SAY("FlushJob", offsetof(IMB_MGR, flush_job));
            SAY("ExpandKey128", offsetof(IMB_MGR, keyexp_128));
            SAY("Sha1OneBlock", offsetof(IMB_MGR, sha1_one_block));
            SAY("JobSize", sizeof(IMB_JOB));
            SAY("JobEncryptKeys", offsetof(IMB_JOB, enc_keys));
            SAY("JobDecryptKeys", offsetof(IMB_JOB, dec_keys));
            SAY("JobKeyLength", offsetof(IMB_JOB, key_len_in_bytes));
            SAY("JobSource", offsetof(IMB_JOB, src));
            SAY("JobDestination", offsetof(IMB_JOB, dst));
            SAY("JobCipherStart", offsetof(IMB_JOB, cipher_start_src_offset_in_bytes));
            SAY("JobCipherLength", offsetof(IMB_JOB, msg_len_to_cipher_in_bytes));
            SAY("JobHashLength", offsetof(IMB_JOB, msg_len_to_hash_in_bytes));
            SAY("JobIv", offsetof(IMB_JOB, iv));
            SAY("JobIvLength", offsetof(IMB_JOB, iv_len_in_bytes));
            SAY("JobTag", offsetof(IMB_JOB, auth_tag_output));
            SAY("JobTagLength", offsetof(IMB_JOB, auth_tag_output_len_in_bytes));
            SAY("JobInnerState", offsetof(IMB_JOB, u.HMAC._hashed_auth_key_xor_ipad));
            SAY("JobOuterState", offsetof(IMB_JOB, u.HMAC._hashed_auth_key_xor_opad));
            SAY("JobStatus", offsetof(IMB_JOB, status));
            SAY("JobCipherMode", offsetof(IMB_JOB, cipher_mode));
            SAY("JobCipherDirection", offsetof(IMB_JOB, cipher_direction));
            SAY("JobHash", offsetof(IMB_JOB, hash_alg));
            SAY("JobOrder", offsetof(IMB_JOB, chain_order));
            SAY("Completed", IMB_STATUS_COMPLETED);
            SAY("CipherCounter", IMB_CIPHER_CNTR);
            SAY("Encrypt", IMB_DIR_ENCRYPT);
            SAY("HmacSha1", IMB_AUTH_HMAC_SHA_1);
            SAY("CipherThenHash", IMB_ORDER_CIPHER_HASH);
            /* The types of what is called: a change here is a compiler error. */
            IMB_MGR *(*allocate)(uint64_t) = alloc_mb_mgr;
            void (*release)(IMB_MGR *) = free_mb_mgr;
            void (*start)(IMB_MGR *, IMB_ARCH *) = init_mb_mgr_auto;
            void (*start2)(IMB_MGR *) = init_mb_mgr_avx2;
            unsigned (*version)(void) = imb_get_version;
            uint64_t (*features)(void) = imb_get_feature_flags;
            IMB_MGR *m = allocate(0);
            void (*crypt)(const struct gcm_key_data *, struct gcm_context_data *, uint8_t *, uint8_t const *, uint64_t,
                const uint8_t *, uint8_t const *, uint64_t, uint8_t *, uint64_t) = m->gcm128_enc;
            void (*prepare)(const void *, struct gcm_key_data *) = m->gcm128_pre;
            IMB_JOB *(*next)(IMB_MGR *) = m->get_next_job, *(*submit)(IMB_MGR *) = m->submit_job, *(*flush)(IMB_MGR *) = m->flush_job;
            void (*expand)(const void *, void *, void *) = m->keyexp_128;
            void (*sha1)(const void *, void *) = m->sha1_one_block;
            release(m);
            return !(start && start2 && version && features && sizeof crypt == sizeof prepare && sizeof(IMB_ARCH) == 4
                && sizeof next + sizeof submit + sizeof flush + sizeof expand + sizeof sha1 == 40 && sizeof(IMB_STATUS) == 4);
        }
        """;

    [Fact]
    public void Layout_InstalledHeader_HasEveryValueTheBindingReliesOn()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return; // the library exists for x86-64 only
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sfu-ipsec-mb-");
        try
        {
            string source = Path.Combine(folder.FullName, "layout.c"), program = Path.Combine(folder.FullName, "layout");
            File.WriteAllText(source, Program);
            Run("gcc", "-Wall", "-Werror", "-o", program, source, "-lIPSec_MB");
            Dictionary<string, ulong> installed = Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => ulong.Parse(parts[1]));
            Dictionary<string, ulong> relied = typeof(IpsecMbLayout).GetFields()
                .ToDictionary(field => field.Name, field => Convert.ToUInt64(field.GetRawConstantValue()));

            Assert.Equal(installed.OrderBy(pair => pair.Key), relied.OrderBy(pair => pair.Key));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEndAsync().GetAwaiter().GetResult();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"{program} did not end");
        Assert.True(process.ExitCode == 0, $"{program}: {error}");
        return output;
    }
}
