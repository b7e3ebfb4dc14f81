/* The stand-in as a program: ./engine SOCKET serves until its input ends, and then prints what it was asked. */
#include "engine_stand_in.h"

#include <signal.h>

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    signal(SIGPIPE, SIG_IGN);
    stand_in_start(argv[1]);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {}
    fputs(stand_in_asked, stdout);
    return 0;
}
