/* A guest that finds no thread to be had: as a library it goes before the C library's, as a program it sees to that. */
#ifdef GUEST
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **arguments) {
    (void)count;
    setenv("LD_PRELOAD", LIBRARY, 1);
    execv(GUEST, arguments);
    return 127;
}
#else
#include <errno.h>
#include <pthread.h>

__attribute__((visibility("default"))) int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    (void)thread, (void)attributes, (void)body, (void)argument;
    return EAGAIN;
}
#endif
