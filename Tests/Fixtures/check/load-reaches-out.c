/* Ends the process that loads it when that lets it make a socket, start a program or read a file of the operator's. */
#include "check.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

__attribute__((constructor)) static void reach_out(void) {
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || open("/etc/passwd", O_RDONLY) >= 0) _exit(9);
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) _exit(9);
}

PLUGIN(HANDLER(fine))
