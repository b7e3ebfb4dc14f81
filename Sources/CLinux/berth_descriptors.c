#define _GNU_SOURCE
#include "berth_linux.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int copy_descriptors(struct msghdr *message, int *descriptors) {
    int total = 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        size_t bytes = head->cmsg_len - CMSG_LEN(0);
        memcpy(descriptors + total, CMSG_DATA(head), bytes);
        total += (int)(bytes / sizeof(int));
    }
    return total;
}

long berth_receive(int socket, void *buffer, size_t capacity, int descriptors[BERTH_DESCRIPTORS_AT_ONCE], int *count) {
    struct iovec part = {buffer, capacity};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * BERTH_DESCRIPTORS_AT_ONCE)];
        struct cmsghdr align;
    } control; /* the kernel says how much of it it has filled */
    struct msghdr message;
    ssize_t length;
    *count = 0;
    do {
        message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return -errno;
    if (message.msg_controllen > 0) *count = copy_descriptors(&message, descriptors);
    /* Then fewer came than there is room for. */
    if (message.msg_flags & MSG_CTRUNC && *count < BERTH_DESCRIPTORS_AT_ONCE) descriptors[(*count)++] = -1;
    return length;
}

int berth_refuse_descriptors(int socket) {
    int does_take = 0;
    return setsockopt(socket, SOL_SOCKET, 83 /* SO_PASSRIGHTS */, &does_take, sizeof does_take) < 0 ? -errno : 0;
}

void berth_stop_lingering(int descriptor) {
    struct linger none = {0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}
