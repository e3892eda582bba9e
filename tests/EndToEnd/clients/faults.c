/* Makes one folder a bad disk for the process that it is preloaded into.
 *
 *   cc -shared -fPIC -O2 -o faults.so faults.c -ldl -pthread
 *   LD_PRELOAD=faults.so SFU_FAULT_FOLDER=/data/recorder SFU_FAULT_CONTROL=/tmp/control program
 *
 * The control file holds two 32-bit numbers in the machine's order, read before each call: an errno (0: all is well; -1: calls hang until it
 * is another), and a mask of what it concerns: 1 write, 2 fsync and fdatasync, 4 making files (open with O_CREAT, fallocate). A third number
 * counts the calls that were refused or held. .NET finds functions by dlsym in libc itself, so dlsym is taken over too. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { writes = 1, syncs = 2, makes = 4 };

static _Atomic int32_t *control;
static const char *folder;
static void *(*find)(void *, const char *);

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("SFU_FAULT_CONTROL");
    folder = getenv("SFU_FAULT_FOLDER");
    if (path == NULL || folder == NULL) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *at = mmap(NULL, 12, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (at != MAP_FAILED) control = at;
}

static int concerns(const char *path) { return strncmp(path, folder, strlen(folder)) == 0; }

/* True when the call must fail; errno says how. A call that hangs waits here. */
static int fails(int what, int file, const char *path)
{
    if (control == NULL || control[0] == 0 || (control[1] & what) == 0) return 0;
    char name[PATH_MAX + 1], link[64];
    if (path == NULL) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", file);
        ssize_t length = readlink(link, name, PATH_MAX);
        if (length < 0) return 0;
        name[length] = 0;
        path = name;
    }
    if (!concerns(path)) return 0;
    atomic_fetch_add(&control[2], 1);
    while (control[0] == -1) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    errno = control[0];
    return errno != 0;
}

static void *real(const char *name)
{
    if (find == NULL) {
        find = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
        if (find == NULL) find = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
        if (find == NULL) find = (void *(*)(void *, const char *))dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.17");
    }
    return find(RTLD_NEXT, name);
}

#define REAL(type, name, ...) static type (*next)(__VA_ARGS__); if (next == NULL) next = (type (*)(__VA_ARGS__))real(name)

ssize_t pwrite64(int file, const void *data, size_t count, off64_t at)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    return fails(writes, file, NULL) ? -1 : next(file, data, count, at);
}

ssize_t pwrite(int file, const void *data, size_t count, off_t at) { return pwrite64(file, data, count, at); }

ssize_t write(int file, const void *data, size_t count)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    return fails(writes, file, NULL) ? -1 : next(file, data, count);
}

int fdatasync(int file)
{
    REAL(int, "fdatasync", int);
    return fails(syncs, file, NULL) ? -1 : next(file);
}

int fsync(int file)
{
    REAL(int, "fsync", int);
    return fails(syncs, file, NULL) ? -1 : next(file);
}

int fallocate64(int file, int mode, off64_t at, off64_t count)
{
    REAL(int, "fallocate64", int, int, off64_t, off64_t);
    return fails(makes, file, NULL) ? -1 : next(file, mode, at, count);
}

int fallocate(int file, int mode, off_t at, off_t count) { return fallocate64(file, mode, at, count); }

int open64(const char *path, int flags, ...)
{
    REAL(int, "open64", const char *, int, ...);
    va_list rest;
    va_start(rest, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;
    va_end(rest);
    return flags & O_CREAT && fails(makes, -1, path) ? -1 : next(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}

void *dlsym(void *handle, const char *name)
{
    static const struct { const char *name; void *function; } ours[] = {
        {"pwrite", pwrite}, {"pwrite64", pwrite64}, {"write", write}, {"fdatasync", fdatasync}, {"fsync", fsync},
        {"fallocate", fallocate}, {"fallocate64", fallocate64}, {"open", open}, {"open64", open64},
    };
    if (find == NULL) real("write");
    if (control != NULL)
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
            if (strcmp(ours[i].name, name) == 0) return ours[i].function;
    return find(handle, name);
}
