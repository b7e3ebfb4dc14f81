/* Output of a container as the engine sends it: frames of stdout and stderr, a header of eight bytes before each. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAMES_OUT 1
#define FRAMES_ERR 2

struct frames {
    unsigned char header[8];
    size_t header_length;
    uint32_t left;   /* bytes of the frame that are still to come */
    int is_broken;   /* what came was no frame */
    void (*piece)(void *user, int stream, const char *bytes, size_t length);
    void *user;
};

/* Takes the next bytes, however they were parted, and hands over what they hold. */
void frames_take(struct frames *frames, const char *bytes, size_t length);

#endif
