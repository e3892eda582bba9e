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
            release(m);
            return !(start && start2 && version && features && sizeof crypt == sizeof prepare && sizeof(IMB_ARCH) == 4);
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
