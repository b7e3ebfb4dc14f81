#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 512
#define PIECE 65536

/* The header of POSIX.1-1988 (ustar), with GNU's ways for long names and sizes. */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100], magic[8], user[32], group[32],
        major[8], minor[8], prefix[155], rest[12];
};

berth_status archive_begin(struct archive *archive, struct work *work, int descriptor, int level) {
    char mode[4] = {'w', 'b', (char)('0' + level), 0};
    *archive = (struct archive){.work = work, .out = gzdopen(descriptor, mode)};
    if (archive->out) return BERTH_OK;
    close(descriptor);
    return BERTH_RETRY;
}

static berth_status put(struct archive *archive, const void *bytes, size_t length) {
    if (length == 0 || gzwrite(archive->out, bytes, (unsigned)length) == (int)length) return BERTH_OK;
    return work_failed_at(archive->work, "write", "the archive");
}

static berth_status fill(struct archive *archive, uint64_t length) {
    static const char zeros[BLOCK];
    return put(archive, zeros, (size_t)((BLOCK - length % BLOCK) % BLOCK));
}

/* Octal while it fits, else 256 to the power, marked by the first bit. */
static void put_number_into(char *field, size_t size, uint64_t number) {
    if (number >> 3 * (size - 1) == 0) {
        snprintf(field, size, "%0*llo", (int)size - 1, (unsigned long long)number);
        return;
    }
    memset(field, 0, size);
    for (size_t i = size - 1; i > 0 && number; i--, number >>= 8) field[i] = (char)(number & 0xFF);
    field[0] = (char)0x80;
}

static berth_status put_header(struct archive *archive, const char *path, const char *link, char type,
                               const struct stat *status, uint64_t size) {
    struct header header = {.type = type, .magic = "ustar  "};
    _Static_assert(sizeof header == BLOCK, "a tar header is a block");
    memcpy(header.name, path, strnlen(path, sizeof header.name));
    memcpy(header.link, link, strnlen(link, sizeof header.link));
    put_number_into(header.mode, sizeof header.mode, status->st_mode & 07777);
    put_number_into(header.uid, sizeof header.uid, status->st_uid);
    put_number_into(header.gid, sizeof header.gid, status->st_gid);
    put_number_into(header.size, sizeof header.size, size);
    put_number_into(header.mtime, sizeof header.mtime, status->st_mtim.tv_sec > 0 ? (uint64_t)status->st_mtim.tv_sec : 0);
    memset(header.sum, ' ', sizeof header.sum);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof header; i++) sum += ((const unsigned char *)&header)[i];
    snprintf(header.sum, sizeof header.sum, "%06o", sum);
    return put(archive, &header, sizeof header);
}

/* A name that its field has no room for stands before the header, as the body of a header of its own. */
static berth_status put_long(struct archive *archive, const char *text, char type) {
    if (strlen(text) < 100) return BERTH_OK;
    struct stat none = {.st_mode = 0644};
    uint64_t length = strlen(text) + 1;
    berth_status status = put_header(archive, "././@LongLink", "", type, &none, length);
    if (status == BERTH_OK) status = put(archive, text, (size_t)length);
    return status == BERTH_OK ? fill(archive, length) : status;
}

/* Exactly as many bytes as the header says, whatever becomes of the file meanwhile. */
static berth_status put_content(struct archive *archive, int file, const char *path, uint64_t size) {
    char bytes[PIECE];
    berth_status status = BERTH_OK;
    for (uint64_t left = size; left && status == BERTH_OK;) {
        ssize_t length = read(file, bytes, left < PIECE ? (size_t)left : PIECE);
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) return work_failed_at(archive->work, "read", path);
        if (length == 0) return work_fail(archive->work, BERTH_RETRY, "%s became shorter while it was read", path);
        status = put(archive, bytes, (size_t)length);
        left -= (uint64_t)length;
        if (status == BERTH_OK) status = work_go_on(archive->work, (uint64_t)length);
    }
    return status == BERTH_OK ? fill(archive, size) : status;
}

static berth_status add_file(struct archive *archive, int folder, const char *name, const char *path) {
    struct stat status;
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) {
        berth_status failed = work_failed_at(archive->work, "read", path);
        if (file >= 0) close(file);
        return failed;
    }
    uint64_t size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    berth_status result = put_header(archive, path, "", '0', &status, size);
    if (result == BERTH_OK) result = put_content(archive, file, path, size);
    close(file);
    archive->files++;
    archive->bytes += size;
    return result;
}

static berth_status add_link(struct archive *archive, int folder, const char *name, const char *path, const struct stat *status) {
    char link[PATH_MAX];
    ssize_t length = readlinkat(folder, name, link, sizeof link - 1);
    if (length < 0) return work_failed_at(archive->work, "read", path);
    link[length] = 0;
    berth_status result = put_long(archive, link, 'K');
    return result == BERTH_OK ? put_header(archive, path, link, '2', status, 0) : result;
}

berth_status archive_add(struct archive *archive, int folder, const char *name, const char *path, const struct stat *status) {
    int is_known = S_ISREG(status->st_mode) || S_ISDIR(status->st_mode) || S_ISLNK(status->st_mode);
    if (!is_known) { /* sockets, pipes and devices have no content to keep */
        work_log(archive->work, BERTH_LOG_WARNING, "%s is left out: no file, folder or link", path);
        return BERTH_OK;
    }
    berth_status result = put_long(archive, path, 'L');
    if (result != BERTH_OK) return result;
    if (S_ISDIR(status->st_mode)) return put_header(archive, path, "", '5', status, 0);
    if (S_ISLNK(status->st_mode)) return add_link(archive, folder, name, path, status);
    return add_file(archive, folder, name, path);
}

berth_status archive_end(struct archive *archive, berth_status status) {
    static const char zeros[2 * BLOCK];
    if (status == BERTH_OK) status = put(archive, zeros, sizeof zeros);
    if (gzclose(archive->out) != Z_OK && status == BERTH_OK) status = work_failed_at(archive->work, "write", "the archive");
    return status;
}
