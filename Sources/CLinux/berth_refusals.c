#define _GNU_SOURCE
#include "berth_linux.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

int berth_refusal_take(int listener, berth_refusal *out) {
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    if (poll(&ready, 1, 0) < 0) return errno == EINTR ? 0 : -errno;
    if (!(ready.revents & POLLIN)) return ready.revents ? -ENOTCONN : 0;
    struct seccomp_notif call = {0};
    /* One reader: what poll saw is there, or has been taken back by the death of who asked, which is ENOENT. */
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) return errno == ENOENT || errno == EINTR ? 0 : -errno;
    *out = (berth_refusal){.token = call.id, .process = (int32_t)call.pid, .number = call.data.nr};
    out->architecture = call.data.arch;
    memcpy(out->arguments, call.data.args, sizeof out->arguments);
    return 1;
}

void berth_refusal_answer(int listener, uint64_t token, int code) {
    struct seccomp_notif_resp answer = {.id = token, .error = -code};
    if (code == 0) answer.flags = 1; /* SECCOMP_USER_NOTIF_FLAG_CONTINUE */
    (void)!ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer); /* who asked may be gone */
}

long berth_read_memory(int process, uint64_t address, void *buffer, size_t capacity) {
    size_t done = 0;
    while (done < capacity) { /* page by page: the text may end right before one that is not there */
        size_t rest = 4096 - (address + done) % 4096;
        if (rest > capacity - done) rest = capacity - done;
        struct iovec here = {(char *)buffer + done, rest}, there = {(void *)(uintptr_t)(address + done), rest};
        ssize_t count = process_vm_readv(process, &here, 1, &there, 1, 0);
        if (count <= 0) break;
        done += (size_t)count;
    }
    return done > 0 ? (long)done : -errno;
}
