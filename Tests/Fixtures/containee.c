/* What runs in containers of the tests; linked statically, it is all that their image holds.
 *   print WORDS…   to stdout, and the variable NAME to stderr
 *   exit N         says why on stderr
 *   wait           until SIGTERM, and ends well then
 *   stubborn       until SIGKILL */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void end(int number) { _exit(number == SIGTERM ? 0 : 1); }

static int print(int count, char **words) {
    for (int i = 2; i < count; i++) printf("%s\n", words[i]);
    if (getenv("NAME")) fprintf(stderr, "NAME is %s\n", getenv("NAME"));
    return 0;
}

int main(int count, char **words) {
    const char *what = count > 1 ? words[1] : "print";
    if (strcmp(what, "print") == 0) return print(count, words);
    if (strcmp(what, "exit") == 0) return fprintf(stderr, "as I was told\n"), atoi(words[2]);
    signal(SIGTERM, strcmp(what, "wait") == 0 ? end : SIG_IGN);
    write(1, "begun\n", 6);
    for (;;) pause();
}
