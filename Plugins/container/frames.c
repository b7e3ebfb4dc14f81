#include "frames.h"

#include <string.h>

/* stdin (0) is shown as stdout; anything else is no frame. */
static int is_header(const unsigned char *header) { return header[0] <= 2 && !header[1] && !header[2] && !header[3]; }

static size_t take_header(struct frames *frames, const char *bytes, size_t length) {
    size_t room = sizeof frames->header - frames->header_length, step = length < room ? length : room;
    memcpy(frames->header + frames->header_length, bytes, step);
    frames->header_length += step;
    if (frames->header_length < sizeof frames->header) return step;
    const unsigned char *h = frames->header;
    frames->is_broken = !is_header(h);
    frames->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
    if (frames->left == 0) frames->header_length = 0;
    return step;
}

static size_t take_body(struct frames *frames, const char *bytes, size_t length) {
    size_t step = length < frames->left ? length : frames->left;
    frames->piece(frames->user, frames->header[0] == FRAMES_ERR ? FRAMES_ERR : FRAMES_OUT, bytes, step);
    frames->left -= (uint32_t)step;
    if (frames->left == 0) frames->header_length = 0;
    return step;
}

void frames_take(struct frames *frames, const char *bytes, size_t length) {
    while (length && !frames->is_broken) {
        int in_body = frames->header_length == sizeof frames->header;
        size_t step = in_body ? take_body(frames, bytes, length) : take_header(frames, bytes, length);
        bytes += step;
        length -= step;
    }
}
