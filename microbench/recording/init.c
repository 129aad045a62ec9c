/* Runs each operation some times between two marks, see README.md; then reboots.
 * Build: gcc -O2 -static init.c -o init; put it into an initramfs as /init. */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK ((volatile char *)0x6d6b6200000)
#define TIMES 22

static int zero, null, there[2], back[2];
static char byte;

static void getppid_call(void) { syscall(SYS_getppid); }
static void read_zero(void) { (void)!read(zero, &byte, 1); }
static void write_null(void) { (void)!write(null, &byte, 1); }
static void round_trip(void)
{
    (void)!write(there[1], &byte, 1);
    (void)!read(back[0], &byte, 1);
}
static void fork_wait(void)
{
    if (fork() == 0)
        _exit(0);
    wait(NULL);
}

static void (*const OPERATIONS[])(void) = {getppid_call, read_zero, write_null, round_trip,
                                           fork_wait};

static void partner(void)
{
    while (read(there[0], &byte, 1) == 1)
        (void)!write(back[1], &byte, 1);
    _exit(0);
}

int main(void)
{
    mmap((void *)(uintptr_t)MARK, 4096, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    zero = open("/dev/zero", O_RDONLY);
    null = open("/dev/null", O_WRONLY);
    if (pipe(there) || pipe(back))
        return 1;
    if (fork() == 0)
        partner();
    for (unsigned n = 0; n < sizeof OPERATIONS / sizeof *OPERATIONS; n++)
        for (int i = 0; i < TIMES; i++) {
            (void)MARK[16 * n];
            OPERATIONS[n]();
            (void)MARK[16 * n + 8];
        }
    reboot(RB_POWER_OFF);
    return 0;
}
