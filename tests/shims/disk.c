/* A disk that fails on request, put in front of the C library by LD_PRELOAD.
 *
 * Only files whose path begins with DISK_FILES are concerned; without it nothing changes.
 *   DISK_KEPT      folder: what a disk would hold after a loss of power. A file is there with the bytes
 *                  it had when it was last synced. Each sync copies what was written since.
 *   DISK_STRAY     n: of writes that were not synced, one in n is there all the same, as real disks do.
 *   DISK_FSYNC_MS  each sync takes so much longer.
 *   DISK_FULL      path: while a file of that name exists, writes find no space.
 *   DISK_FAILING   path: while a file of that name exists, syncs fail.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RANGES 65536
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct range { ino_t file; off_t from; size_t length; };
static struct range written[RANGES];
static int count;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* The path of a file that is concerned, or 0. */
static int concerned(int fd, char *path) {
    const char *files = getenv("DISK_FILES");
    char link[64];
    if (!files) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return !strncmp(path, files, strlen(files));
}

static int asked(const char *name) {
    const char *path = getenv(name);
    return path && !access(path, F_OK);
}

static ino_t number_of(int fd) {
    struct stat found;
    return fstat(fd, &found) ? 0 : found.st_ino;
}

static int open_kept(const char *path) {
    char kept[PATH_MAX * 2];
    const char *base = strrchr(path, '/');
    snprintf(kept, sizeof kept, "%s%s", getenv("DISK_KEPT"), base ? base : path);
    return open(kept, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void copy(int from, int to, off_t at, size_t left) {
    char part[65536];
    while (left) {
        ssize_t got = pread(from, part, left < sizeof part ? left : sizeof part, at);
        if (got <= 0) return;
        if (REAL(pwrite64)(to, part, got, at) != got) abort();
        at += got;
        left -= got;
    }
}

/* SQLite opens its files for writing and reading, so what was written can be read by the same fd. */
static void note(int fd, const char *path, off_t at, size_t length) {
    const char *stray = getenv("DISK_STRAY");
    if (!getenv("DISK_KEPT")) return;
    pthread_mutex_lock(&gate);
    if (count == RANGES) abort();
    written[count++] = (struct range){number_of(fd), at, length};
    if (stray && rand() % atoi(stray) == 0) {
        int kept = open_kept(path);
        copy(fd, kept, at, length);
        close(kept);
    }
    pthread_mutex_unlock(&gate);
}

static void keep(int fd, const char *path) {
    struct stat found;
    int left = 0;
    if (!getenv("DISK_KEPT") || fstat(fd, &found) || !S_ISREG(found.st_mode)) return;
    pthread_mutex_lock(&gate);
    int kept = open_kept(path);
    for (int i = 0; i < count; i++) {
        if (written[i].file == found.st_ino) copy(fd, kept, written[i].from, written[i].length);
        else written[left++] = written[i];
    }
    count = left;
    if (REAL(ftruncate64)(kept, found.st_size)) abort();
    close(kept);
    pthread_mutex_unlock(&gate);
}

static int synced(int fd, int (*real)(int)) {
    char path[PATH_MAX];
    if (!concerned(fd, path)) return real(fd);
    if (asked("DISK_FAILING")) { errno = EIO; return -1; }
    const char *slower = getenv("DISK_FSYNC_MS");
    if (slower) usleep(atof(slower) * 1000);
    keep(fd, path);
    return getenv("DISK_KEPT") ? 0 : real(fd);
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    char path[PATH_MAX];
    int ours = concerned(fd, path);
    if (ours && asked("DISK_FULL")) { errno = ENOSPC; return -1; }
    ssize_t done = REAL(pwrite64)(fd, bytes, length, at);
    if (ours && done > 0) note(fd, path, at, done);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    return pwrite64(fd, bytes, length, at);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    char path[PATH_MAX];
    int ours = concerned(fd, path);
    if (ours && asked("DISK_FULL")) { errno = ENOSPC; return -1; }
    off_t at = ours ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = REAL(write)(fd, bytes, length);
    if (ours && done > 0) note(fd, path, at, done);
    return done;
}

int unlink(const char *path) {
    const char *files = getenv("DISK_FILES"), *base = strrchr(path, '/');
    if (files && getenv("DISK_KEPT") && base && !strncmp(path, files, strlen(files))) {
        char kept[PATH_MAX * 2];
        snprintf(kept, sizeof kept, "%s%s", getenv("DISK_KEPT"), base);
        REAL(unlink)(kept);
    }
    return REAL(unlink)(path);
}
