/* The stand-in as a program: ./engine SOCKET serves until its input ends, and then prints what it was asked. */
#include "engine_stand_in.h"

#include <signal.h>

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    signal(SIGPIPE, SIG_IGN);
    pthread_t thread;
    int listener = stand_in_open(argv[1]);
    if (pthread_create(&thread, NULL, stand_in_listen, (void *)(long)listener) != 0) return 1;
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {}
    fputs(stand_in->asked, stdout);
    return 0;
}
