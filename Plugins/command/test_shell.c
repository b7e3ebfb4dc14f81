/* Unit tests of the component shell of the built plugin file: ./test_shell command.so */
#include "fake_host.h"
#include "shell_words.h"

#include <dirent.h>
#include <limits.h>

static int failures;
static const char *library, *component = "shell";

/* What one attempt came to, in a process of its own: the configuration is read once and for ever. */
struct outcome {
    berth_status status;
    int configured;
    char output[4096], error[2049];
};

static struct outcome attempt(const char *config, const char *params) {
    int ends[2];
    struct outcome outcome = {0};
    if (pipe(ends) != 0) exit(1);
    if (fork() == 0) {
        berth_plugin plugin = fake_load(library);
        outcome.configured = plugin.start(config, strlen(config)) == BERTH_OK;
        berth_context context = fake_attempt();
        outcome.status = fake_run(&plugin, component, params, &context);
        fake_keep(outcome.output, sizeof outcome.output, context.output, context.output_length);
        fake_keep(outcome.error, sizeof outcome.error, context.error, strlen(context.error));
        _exit(write(ends[1], &outcome, sizeof outcome) != sizeof outcome);
    }
    close(ends[1]);
    if (read(ends[0], &outcome, sizeof outcome) != sizeof outcome) outcome.status = -1;
    close(ends[0]);
    return outcome;
}

/* Compares the code and a part of the output or, when it failed, of the reason. */
static void expect(int line, const char *config, const char *params, berth_status code, const char *part) {
    struct outcome outcome = attempt(config, params);
    if (outcome.configured && outcome.status == code && strstr(code == BERTH_OK ? outcome.output : outcome.error, part))
        return;
    fprintf(stderr, "test_shell.c:%d: %s %s\n  -> %d, output %s, reason %s\n", line, config, params, outcome.status,
            outcome.output, outcome.error);
    failures++;
}

#define ON "{\"shell\":{}}"
#define EXPECT(params, code, part) expect(__LINE__, ON, params, code, part)
/* A line that the rules refuse, and why; one that they let pass. */
#define REFUSED(line, part) EXPECT("{\"command\":\"" line "\"}", BERTH_FAIL_PARAMS, part)
#define PASSES(line) EXPECT("{\"command\":\"" line "\"}", BERTH_OK, "\"exit_code\":0")

static void is_off_until_it_is_allowed(void) {
    expect(__LINE__, "{}", "{\"command\":\"echo hi\"}", BERTH_FAIL_CONFIG, "command/command");
    expect(__LINE__, "", "{\"command\":\"echo hi\"}", BERTH_FAIL_CONFIG, "berth.yaml");
    expect(__LINE__, "{\"shell\":7}", "{\"command\":\"echo hi\"}", BERTH_FAIL_CONFIG, "must be an object");
    expect(__LINE__, "{\"shell\":{\"allowed\":\"ls\"}}", "{\"command\":\"ls\"}", BERTH_FAIL_CONFIG, "arrays of texts");
}

static void runs_lines(void) {
    EXPECT("{\"command\":\"echo one | tr a-z A-Z; echo $X\",\"env\":{\"X\":\"two\"}}", BERTH_OK, "\"ONE\\ntwo\\n\"");
    EXPECT("{\"command\":\"echo out; echo err >&2; exit 3\"}", BERTH_RETRY, "exit status 3: err");
    EXPECT("{\"command\":\"cat\",\"stdin\":\"given\",\"cwd\":\"/tmp\"}", BERTH_OK, "\"given\"");
}

static void takes_arguments_in_each_form(void) {
    EXPECT("{\"command\":\"echo\",\"args\":[\"hi there\",\"$HOME\",\"it's\",\"*\"]}", BERTH_OK, "\"hi there $HOME it's *\\n\"");
    EXPECT("{\"command\":\"echo\",\"args\":\"[\\\"hi there\\\",null]\"}", BERTH_OK, "\"hi there\\n\"");
    EXPECT("{\"command\":\"printf %s\",\"args\":\"a b | cat\"}", BERTH_OK, "\"ab\"");
    EXPECT("{\"command\":\"echo a\",\"args\":\"[]\"}", BERTH_OK, "\"a\\n\"");
    EXPECT("{\"command\":\"echo a\",\"args\":\"  \"}", BERTH_OK, "\"a\\n\"");
    EXPECT("{\"command\":\"echo a\",\"args\":\"null\"}", BERTH_OK, "\"a\\n\"");
    EXPECT("{\"command\":\"echo a\",\"args\":null}", BERTH_OK, "\"a\\n\"");
    EXPECT("{\"command\":\" \"}", BERTH_FAIL_PARAMS, "empty");
    EXPECT("{\"command\":\"echo\",\"args\":7}", BERTH_FAIL_PARAMS, "\"args\"");
    EXPECT("{\"command\":\"echo\",\"args\":[7]}", BERTH_FAIL_PARAMS, "every argument");
    EXPECT("{\"command\":[\"ls\"]}", BERTH_FAIL_PARAMS, "must be a text");
}

static void reads_the_whole_line(void) {
    REFUSED("rm x", "\"rm\"");
    REFUSED("/usr/bin/id", "paths with \"/bin\"");
    REFUSED("echo x; rm -rf y", "\"rm\"");
    REFUSED("echo x && 'r'm y", "\"rm\"");
    REFUSED("echo $(cat a | rm b)", "\"rm\"");
    REFUSED("echo \\\"`rm b`\\\"", "\"rm\"");
    REFUSED("A=1 rm x", "\"rm\"");
    REFUSED("if true; then rm x; fi", "\"rm\"");
    REFUSED("for a in 1; do rm $a; done", "\"rm\"");
    REFUSED("(rm x)", "\"rm\"");
    REFUSED("> f rm x", "\"rm\"");
    REFUSED("echo a >(rm b)", "\"rm\"");
    REFUSED("echo ${a:-$(rm b)} $((1+$(rm b)))", "\"rm\"");
    REFUSED("env -i A=1 rm x", "\"rm\"");
    REFUSED("timeout -s KILL 5 rm x", "\"rm\"");
    REFUSED("ls | xargs rm", "\"rm\"");
    REFUSED("find . -exec rm {} +", "\"rm\"");
    REFUSED("find . -delete", "find -delete");
    REFUSED("bash -c 'echo a; rm b'", "\"rm\"");
    REFUSED("env bash -c 'rm b'", "\"rm\"");
    REFUSED("$X y", "known only when the shell runs");
    REFUSED("r? x", "known only when the shell runs");
    REFUSED("bash -c \\\"$X\\\"", "known only when the shell runs");
    REFUSED("eval rm", "\"eval\"");
    REFUSED("echo 'a", "a quote in it is not closed");
    REFUSED("cat <<E", "stdin");
    REFUSED("2>&1 rm x", "\"rm\"");
    REFUSED("function f { rm x; }; f", "\"rm\"");
    REFUSED("time -p rm x", "\"rm\"");
    REFUSED("bash <<< 'rm x'", "from its input");
    REFUSED("echo rm x | xargs env", "from its input");
    REFUSED("env -S 'rm x'", "\"rm\"");
    REFUSED("env -S'rm x'", "may hold a command");
    REFUSED("builtin command bash -c 'rm x'", "\"rm\"");
    REFUSED("echo $((rm x) )", "\"rm\"");
    REFUSED("echo $(f() { rm x; }; f)", "\"rm\"");
    REFUSED("echo $(case a in a) rm x;; esac)", "parentheses do not pair");
    REFUSED("echo `case a in a) rm x;; esac`", "\"rm\"");
    REFUSED("env A=1 /usr/bin/id", "paths with \"/bin\"");
    REFUSED("env -u LANG /usr/bin/id", "paths with \"/bin\"");
    REFUSED("nice -n 5 env A=1 /usr/bin/id", "paths with \"/bin\"");
    REFUSED("A=-exec; find /dev/null $A rm --help {} +", "known only when the shell runs");
    REFUSED("find /dev/null -exe\\\"$X\\\" rm --help {} +", "known only when the shell runs");
    REFUSED("find /dev/null -name $X", "known only when the shell runs");
    REFUSED("find /dev/null/$X", "known only when the shell runs");
    REFUSED("echo rm --help | bash -s a", "from its input");
    REFUSED("echo rm --help | bash -o errexit", "from its input");
    REFUSED("echo rm --help | bash /dev/stdin", "from its input");
    REFUSED("hash -p /bin/rm a; a --help", "\"hash\"");
    REFUSED("compgen -C 'rm --help'", "\"compgen\"");
    REFUSED("mapfile -c 1 -C 'rm --help' <<< a", "\"mapfile\"");
    REFUSED("BASH_ENV=/dev/stdin bash -c true <<< 'rm --help'", "BASH_ENV");
    REFUSED("X=rm; ${X}</dev/null echo", "known only when the shell runs");
    REFUSED("$(echo rm)</dev/null echo", "known only when the shell runs");
    REFUSED("`echo rm`<<<a echo", "known only when the shell runs");
    REFUSED("set -- rm; $1</dev/null echo", "known only when the shell runs");
    REFUSED("bash --rcfile /dev/stdin -i -c true", "from its input");
    REFUSED("bash --init-file /proc/self/fd/0 -i -c true", "from its input");
    PASSES("find /dev/null -name \\\"$X\\\" -newer \\\"/dev/null$X\\\" -exec echo {} +; true");
    PASSES("env A=1 B=2 echo a; bash -o errexit -c 'echo b'");
    PASSES("[ -n a ] && echo b");
    PASSES("echo $(( (1 + 2) * 3 )) $(true; (echo a)) `case a in a) echo b;; esac`");
    PASSES("echo rm; echo 'rm x' \\\"; rm\\\" # rm");
    PASSES("case a in a) echo b;; esac; true && { echo c; } 2>&1 >/dev/null");
    PASSES("timeout 5 echo $HOME; echo $((1 + 2)) ${HOME%/*}");
    PASSES("bash -c 'echo a b'");
}

/* However a line sets them. */
static void sets_no_variable_that_runs_something(void) {
    REFUSED("export BASH_ENV=/tmp/x; bash -c true", "BASH_ENV");
    REFUSED("export PS4='$(rm --help)'; set -x; ls", "PS4");
    REFUSED("printf -v BASH_ENV /tmp/x; bash -c true", "BASH_ENV");
    REFUSED("printf -vPS4 a; set -x; ls", "PS4");
    REFUSED("read BASH_ENV <<< /tmp/x; bash -c true", "BASH_ENV");
    REFUSED("read -rp a -a PS4 <<< a; set -x; ls", "PS4");
    REFUSED("read -raPS4 <<< a; set -x; ls", "PS4");
    REFUSED("declare 'PS4[0]=a'; set -x; ls", "PS4");
    REFUSED("export \\\"BASH\\\"_ENV", "BASH_ENV");
    REFUSED("X=BASH_ENV; export $X=/tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("X=4; export PS$X=a; set -x; ls", "known only when the shell runs");
    REFUSED("X=rm; $X=1 echo", "known only when the shell runs");
    REFUSED("X=BASH_ENV; printf -v $X /tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("set -a; for BASH_ENV in /tmp/x; do bash -c true; done", "BASH_ENV");
    REFUSED("set -a; : ${BASH_ENV:=/tmp/x}; bash -c true", "BASH_ENV");
    REFUSED("builtin export BASH_ENV", "BASH_ENV");
    REFUSED("set -a; declare -n r=BASH_ENV; r=/tmp/x; bash -c true", "another name");
    REFUSED("f() { local -gn r=BASH_ENV; r=/tmp/x; }; set -a; f; bash -c true", "another name");
    REFUSED("X=BASH_ENV; set -a; typeset -xn r=$X; r=/tmp/x; bash -c true", "another name");
    REFUSED("set -a; X=BASH_ENV; : ${!X:=/tmp/x}; bash -c true", "BASH_ENV");
    REFUSED("set -a; X=BASH_ENV; : \\\"${!X[0]=/tmp/x}\\\"; bash -c true", "BASH_ENV");
    REFUSED("set -- BASH_ENV; set -a; : ${!1:=/tmp/x}; bash -c true", "BASH_ENV");
    REFUSED("set -a; : ${BASH_ENV[0]:=/tmp/x}; bash -c true", "BASH_ENV");
    REFUSED("set -a; : ${BASH_ENV[$(echo 0)]:=/tmp/x}; bash -c true", "BASH_ENV");
    REFUSED("set -a; X=BASH_ENV; read -pn $X <<< /tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("X='a BASH_ENV'; set -a; read -p $X <<< /tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("set -- a BASH_ENV; set -a; read -p \\\"$@\\\" <<< /tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("X=BASH_ENV; set -a; read -p$E -p \\\"$X\\\" <<< /tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("set -a; read -ra \\\"$X\\\" <<< /tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("set -a; printf -v A -v BASH_ENV /tmp/x; bash -c true", "BASH_ENV");
    REFUSED("X=-vBASH_ENV; set -a; printf $X /tmp/x; bash -c true", "known only when the shell runs");
    REFUSED("time -p export BASH_ENV", "BASH_ENV");
    REFUSED("X='1 BASH_ENV=/tmp/x'; builtin export A=$X; bash -c true", "quote");
    REFUSED("X='1 BASH_ENV=/tmp/x'; 'export' A=$X; bash -c true", "quote");
    PASSES("export A=1 B=\\\"$A\\\" C; declare -i N=2; readonly A; printf -v D '%s' \\\"$A\\\"; echo ENV=prod $ENV ${PS4:-a}");
    PASSES("read -r -p \\\"$A\\\" LINE REST <<< 'a b'; printf '%s PS4 %s\\\\n' ENV BASH_ENV; for e in ENV PS4; do echo $e; done");
    PASSES("f() { local x=$1; echo $x; }; f a; getopts ab: o; true");
    PASSES("export A=$PATH B=$(echo b); command export C=\\\"$A\\\"");
    PASSES("export -n A; declare -rx B=1; A=B; echo ${!A} ${!A:-b=c} ${BASH_SOURCE[0]} a=b");
    PASSES("read -pn A <<< a; read -rn 1 -d '' \\\"B\\\" <<< b; printf -- \\\"$A\\\" && printf '%s' \\\"$B\\\"");
}

/* What is printed, or stands in a prompt, is text, whatever it looks like. */
static void takes_text_for_text(void) {
    PASSES("printf 'ENV=%s\\\\n' a > /dev/null");
    PASSES("printf 'LD_LIBRARY_PATH=%s' /opt/lib; printf -v A 'PS4=%s' b; command printf 'ENV=a'; printf { ; printf if");
    PASSES("read -p 'ENV=' x <<< a; read -rp PS4= y <<< b");
    PASSES("find /dev/null -exec printf 'ENV=%s' {} +");
    REFUSED("find /dev/null -exec printf a ';' -exec rm --help ';'", "\"rm\"");
    REFUSED("env -u printf rm --help", "\"rm\"");
    REFUSED("env -u export rm --help", "\"rm\"");
    REFUSED("read x; rm --help", "\"rm\"");
}

/* Of the environment that comes with a task: what a shell runs, or takes functions from, would pass by all rules. */
static void takes_no_variable_that_runs_something(void) {
    EXPECT("{\"command\":\"ls\",\"env\":{\"BASH_FUNC_ls%%\":\"() { rm --help; }\"}}", BERTH_FAIL_PARAMS, "BASH_FUNC_ls%%");
    EXPECT("{\"command\":\"ls\",\"env\":{\"BASH_ENV\":\"/tmp/x\"}}", BERTH_FAIL_PARAMS, "BASH_ENV");
    EXPECT("{\"command\":\"ls\",\"env\":{\"SHELLOPTS\":\"xtrace\",\"PS4\":\"$(rm --help)\"}}", BERTH_FAIL_PARAMS, "SHELLOPTS");
    EXPECT("{\"command\":\"ls\",\"env\":{\"LD_PRELOAD\":\"/tmp/x.so\"}}", BERTH_FAIL_PARAMS, "LD_PRELOAD");
    EXPECT("{\"command\":\"echo $ENVIRONMENT\",\"env\":{\"ENVIRONMENT\":\"test\"}}", BERTH_OK, "test");
}

static int any_verdict(void *user, const struct shell_word *word, struct shell_command *command, int first) {
    unsigned *seed = user;
    (void)command, (void)first;
    if (word && memchr(word->text, 0, sizeof word->text) == NULL) failures++;
    return 1 + rand_r(seed) % 3;
}

/* Whatever the line is, reading it ends, and within its bounds. */
static void reads_any_line(void) {
    static const char letters[] = "'\"\\`$(){}[]<>&|;#!*=/ \t\naesc19-";
    static const char *const words[] = {"$(", "$((", "))", "${", "<(", "<<<", "case a in a)", ";;", "esac", "{ ", "; }", "rm"};
    unsigned seed = 20260102;
    alarm(60);
    for (int round = 0; round < 50000; round++) {
        char line[400] = "";
        for (int i = rand_r(&seed) % 30; i > 0; i--) {
            if (rand_r(&seed) % 3) strncat(line, letters + (size_t)rand_r(&seed) % (sizeof letters - 1), 1);
            else strcat(line, words[(size_t)rand_r(&seed) % (sizeof words / sizeof words[0])]);
        }
        shell_words(line, any_verdict, &seed);
    }
    alarm(0);
}

static void follows_links_to_what_is_blocked(void) {
    char folder[] = "/tmp/berth-shell-XXXXXX", link[PATH_MAX], params[2 * PATH_MAX];
    if (!mkdtemp(folder)) exit(1);
    snprintf(link, sizeof link, "%s/harmless", folder);
    if (symlink("/bin/rm", link) != 0) exit(1);
    snprintf(params, sizeof params, "{\"command\":\"harmless x\",\"env\":{\"PATH\":\"%s:/bin\"}}", folder);
    EXPECT(params, BERTH_FAIL_PARAMS, "/rm, and that is blocked");
    unlink(link);
    rmdir(folder);
}

static void follows_the_operator(void) {
    expect(__LINE__, "{\"shell\":{\"allowed\":[\"echo\",\"cat\"]}}", "{\"command\":\"echo a | cat\"}", BERTH_OK, "a");
    expect(__LINE__, "{\"shell\":{\"allowed\":[\"echo\"]}}", "{\"command\":\"echo a | cat\"}", BERTH_FAIL_PARAMS,
           "\"cat\", which is not among the allowed");
    expect(__LINE__, "{\"shell\":{\"allowed\":[\"env\",\"echo\"]}}", "{\"command\":\"env -u echo id\"}", BERTH_FAIL_PARAMS,
           "\"id\", which is not among the allowed");
    expect(__LINE__, "{\"shell\":{\"blocked\":[\"echo\"]}}", "{\"command\":\"echo\"}", BERTH_FAIL_PARAMS, "blocked");
    expect(__LINE__, "{\"shell\":{\"blocked_paths\":[]}}", "{\"command\":\"/bin/echo a\"}", BERTH_OK, "a");
}

/* What is misspelt would be a restriction that is off; `allowed` beside the shell holds for nothing either. */
static void knows_every_word_of_its_config(void) {
    const char *params = "{\"command\":\"echo a\"}";
    expect(__LINE__, "{\"shell\":{\"alowed\":[\"cat\"]}}", params, BERTH_FAIL_CONFIG,
           "shell in the plugin's config has no \"alowed\"; did you mean \"allowed\"?");
    expect(__LINE__, "{\"shell\":{\"only\":[]}}", params, BERTH_FAIL_CONFIG, "it knows allowed, blocked, blocked_paths");
    expect(__LINE__, "{\"shel\":{}}", params, BERTH_FAIL_CONFIG, "config has no \"shel\"; did you mean \"shell\"?");
    expect(__LINE__, "{\"allowed\":[\"cat\"]}", params, BERTH_FAIL_CONFIG, "config has no \"allowed\"; it knows shell");
    expect(__LINE__, "{\"shell\":null}", params, BERTH_FAIL_CONFIG, "must be an object");
    component = "command";
    expect(__LINE__, "{\"allowed\":[\"cat\"]}", "{\"program\":\"true\"}", BERTH_FAIL_CONFIG, "config has no \"allowed\"");
    component = "shell";
}

int main(int argc, char **argv) {
    library = argc > 1 ? argv[1] : "./command.so";
    is_off_until_it_is_allowed();
    runs_lines();
    takes_arguments_in_each_form();
    reads_the_whole_line();
    sets_no_variable_that_runs_something();
    takes_text_for_text();
    takes_no_variable_that_runs_something();
    reads_any_line();
    follows_links_to_what_is_blocked();
    follows_the_operator();
    knows_every_word_of_its_config();
    if (failures == 0) puts("shell: all tests passed");
    return failures != 0;
}
