/* QEMU (TCG) plug-in: one line per instruction and access, see README.md.
 * Build: gcc -shared -fPIC -I QEMU/include/qemu $(pkg-config --cflags glib-2.0) plugin.c -o plugin.so
 * init.c maps a page at MARK and reads in it where an iteration begins and ends. */
#include <inttypes.h>
#include <stdio.h>
#include <glib.h>
#include <qemu-plugin.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#define MARK UINT64_C(0x6d6b6200000) /* MARK + 16 * number begins an iteration, + 8 ends it */
#define MARKS 4096

static void executed(unsigned int cpu, void *data)
{
    uint64_t packed = (uintptr_t)data;
    uint64_t address = (uint64_t)((int64_t)(packed << 4) >> 4); /* the sign is the kernel's half */
    char line[48];
    snprintf(line, sizeof line, "i %" PRIx64 " %u\n", address, (unsigned)(packed >> 60));
    qemu_plugin_outs(line);
}

static void accessed(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
    char line[48];
    if (address >= MARK && address < MARK + MARKS) {
        uint64_t number = (address - MARK) / 16;
        if ((address - MARK) % 16)
            snprintf(line, sizeof line, "end\n");
        else
            snprintf(line, sizeof line, "op operation_%" PRIu64 "\n", number);
    } else {
        snprintf(line, sizeof line, "%c %" PRIx64 " %u\n",
                 qemu_plugin_mem_is_store(info) ? 'w' : 'r', address,
                 1u << qemu_plugin_mem_size_shift(info));
    }
    qemu_plugin_outs(line);
}

/* Privileged, ordered and locked instructions, by the words of the disassembly. */
static const char *const NAMES[] = {"syscall", "sysret", "iret", "swapgs", "lfence", "verw",
                                    "svc", "eret", "isb", "dsb", "dmb", "ldxr", "stxr", "lock", NULL};

static void privileged(unsigned int cpu, void *data)
{
    char line[48];
    snprintf(line, sizeof line, "p %s\n", (const char *)data);
    qemu_plugin_outs(line);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *one = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(one) << 4 >> 4;
        uint64_t packed = address | (uint64_t)(qemu_plugin_insn_size(one) & 15) << 60;
        char *text = qemu_plugin_insn_disas(one);
        qemu_plugin_register_vcpu_insn_exec_cb(one, executed, QEMU_PLUGIN_CB_NO_REGS,
                                               (void *)(uintptr_t)packed);
        for (int n = 0; text && NAMES[n]; n++)
            if (g_str_has_prefix(text, NAMES[n]))
                qemu_plugin_register_vcpu_insn_exec_cb(one, privileged, QEMU_PLUGIN_CB_NO_REGS,
                                                       (void *)NAMES[n]);
        g_free(text);
        qemu_plugin_register_vcpu_mem_cb(one, accessed, QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_RW, NULL);
    }
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                           char **argv)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
