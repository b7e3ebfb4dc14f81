/* A stand-in for a container engine: it answers on a Unix socket what the real one would, and remembers what it
 * was asked. What a container does is said by its image: ok, fail, hang (until it is asked to end), stubborn (until it is
 * killed), conflict, broken, tty; "absent…" has to be pulled first, and "forbidden" cannot be. */
#ifndef ENGINE_STAND_IN_H
#define ENGINE_STAND_IN_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Shared with whoever forks the server off. */
static struct stand_in {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char asked[65536]; /* "METHOD path\n" for each request, and the body of create */
    struct {
        char image[100];
        int has_ended, exit_code;
    } containers[100];
    int count, was_pulled;
    char leftovers[300]; /* what the next list of containers holds */
} *stand_in;

static void stand_in_send(int to, const char *bytes, size_t length) {
    while (length) {
        ssize_t written = write(to, bytes, length);
        if (written <= 0) return;
        bytes += written, length -= (size_t)written;
    }
}

static void stand_in_answer(int to, int status, const char *body) {
    char head[200];
    int length = snprintf(head, sizeof head, "HTTP/1.1 %d Said\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n", status);
    stand_in_send(to, head, (size_t)length);
    stand_in_send(to, body, strlen(body));
}

static void stand_in_frame(int to, int stream, const char *text) {
    char frame[600] = {(char)stream, 0, 0, 0, 0, 0, (char)(strlen(text) >> 8), (char)strlen(text)};
    memcpy(frame + 8, text, strlen(text));
    for (size_t i = 0; i < 8 + strlen(text); i++) stand_in_send(to, frame + i, 1);
}

/* Waits under the lock until the container has ended. */
static void stand_in_await(int id) {
    while (!stand_in->containers[id].has_ended) pthread_cond_wait(&stand_in->changed, &stand_in->lock);
}

static void stand_in_logs(int to, int id, int follows) {
    const char *image = stand_in->containers[id].image;
    stand_in_answer(to, 200, "");
    if (strcmp(image, "tty") == 0) return stand_in_send(to, "plain text", 10);
    stand_in_frame(to, 1, "hello ");
    stand_in_frame(to, 1, "world\nsecond");
    stand_in_frame(to, 2, strcmp(image, "fail") == 0 ? "it is bad\n" : "careful\n");
    pthread_mutex_lock(&stand_in->lock);
    if (follows) stand_in_await(id);
    pthread_mutex_unlock(&stand_in->lock);
}

static void stand_in_kill(int id, const char *signal) {
    int is_hang = strcmp(stand_in->containers[id].image, "hang") == 0 && strcmp(signal, "SIGUSR1") == 0;
    pthread_mutex_lock(&stand_in->lock);
    if (is_hang || strcmp(signal, "SIGKILL") == 0) stand_in->containers[id].has_ended = 1, stand_in->containers[id].exit_code = 137;
    pthread_cond_broadcast(&stand_in->changed);
    pthread_mutex_unlock(&stand_in->lock);
}

static void stand_in_create(int to, const char *body) {
    char image[100] = "", answer[200];
    const char *at = strstr(body, "\"Image\":\"");
    if (at) sscanf(at + 9, "%99[^\"]", image);
    if (strcmp(image, "conflict") == 0) return stand_in_answer(to, 409, "{\"message\":\"the name is in use\"}");
    pthread_mutex_lock(&stand_in->lock);
    int id = stand_in->count++;
    int lasts = strcmp(image, "hang") == 0 || strcmp(image, "stubborn") == 0;
    snprintf(stand_in->containers[id].image, 100, "%s", image);
    stand_in->containers[id].has_ended = !lasts;
    stand_in->containers[id].exit_code = strcmp(image, "fail") == 0 ? 3 : 0;
    strncat(stand_in->asked, body, sizeof stand_in->asked - strlen(stand_in->asked) - 1);
    pthread_mutex_unlock(&stand_in->lock);
    snprintf(answer, sizeof answer, "{\"Id\":\"%04d\",\"Warnings\":[]}", id);
    stand_in_answer(to, 201, answer);
}

static void stand_in_container(int to, const char *method, int id, const char *rest) {
    char answer[300];
    if (strncmp(rest, "/start", 6) == 0 && strcmp(stand_in->containers[id].image, "broken") == 0)
        return stand_in_answer(to, 400, "{\"message\":\"exec: nothing: not found\"}");
    if (strncmp(rest, "/logs", 5) == 0) return stand_in_logs(to, id, strstr(rest, "follow=1") != NULL);
    if (strncmp(rest, "/json", 5) == 0)
        return stand_in_answer(to, 200, "{\"Id\":\"1\",\"Name\":\"/web\",\"Created\":\"2026-01-02T03:04:05Z\",\"State\":{\"Status\":"
                                        "\"running\",\"Health\":{\"Status\":\"healthy\"}},\"Config\":{\"Image\":\"i\",\"StopSignal\":\"SIGUSR1\"}}");
    if (strncmp(rest, "/kill", 5) == 0) {
        const char *signal = strstr(rest, "signal=");
        stand_in_kill(id, signal ? signal + 7 : "SIGKILL");
        return stand_in_answer(to, 204, "");
    }
    if (strncmp(rest, "/wait", 5) == 0) {
        pthread_mutex_lock(&stand_in->lock);
        stand_in_await(id);
        pthread_mutex_unlock(&stand_in->lock);
        snprintf(answer, sizeof answer, "{\"StatusCode\":%d}", stand_in->containers[id].exit_code);
        return stand_in_answer(to, 200, answer);
    }
    if (strcmp(method, "DELETE") == 0 && strstr(rest, "force=1")) stand_in_kill(id, "SIGKILL");
    stand_in_answer(to, strcmp(method, "DELETE") == 0 || *rest ? 204 : 404, "");
}

static void stand_in_image(int to, const char *path) {
    if (strncmp(path, "/images/create", 14) == 0) {
        stand_in->was_pulled = 1;
        stand_in_answer(to, 200, "{\"status\":\"Pulling\"}\r\n{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,\"total\":10}}\r\n");
        const char *last = strstr(path, "forbidden") ? "{\"error\":\"access denied\"}\r\n" : "{\"status\":\"Done\"}\r\n";
        return stand_in_send(to, last, strlen(last));
    }
    int is_absent = (strstr(path, "/absent") && !stand_in->was_pulled) || strstr(path, "/forbidden");
    stand_in_answer(to, is_absent ? 404 : 200, is_absent ? "{\"message\":\"no such image\"}" : "{}");
}

static void stand_in_serve(int to, const char *method, const char *path, const char *body) {
    int id = 0, length = 0;
    char name[100], answer[300];
    if (strncmp(path, "/images", 7) == 0) return stand_in_image(to, path);
    if (strncmp(path, "/containers/create", 18) == 0) return stand_in_create(to, body);
    if (strncmp(path, "/containers/json", 16) == 0) {
        stand_in_answer(to, 200, *stand_in->leftovers ? stand_in->leftovers : "[]");
        *stand_in->leftovers = 0;
    } else if (sscanf(path, "/containers/%d%n", &id, &length) == 1 && id < 100) {
        stand_in_container(to, method, id, path + length);
    } else if (!strstr(path, "none") && sscanf(path, "/containers/%99[a-z-]/json", name) == 1 && strstr(path, "/json")) {
        snprintf(answer, sizeof answer, "{\"Id\":\"1\",\"Name\":\"/%s\",\"Config\":{\"Tty\":false}}", name);
        stand_in_answer(to, 200, answer);
    } else {
        stand_in_answer(to, strstr(path, "none") ? 404 : 204, strstr(path, "none") ? "{\"message\":\"No such container: none\"}" : "");
    }
}

static void *stand_in_meet(void *given) {
    int from = (int)(long)given;
    char request[65536], method[16] = "", path[4096] = "";
    size_t length = 0;
    const char *end = NULL;
    while (length < sizeof request - 1 && !end) {
        ssize_t got = read(from, request + length, sizeof request - 1 - length);
        if (got <= 0) break;
        length += (size_t)got, request[length] = 0;
        end = strstr(request, "\r\n\r\n");
        const char *field = strcasestr(request, "Content-Length:");
        if (end && field && (size_t)(request + length - end - 4) < strtoul(field + 15, NULL, 10)) end = NULL;
    }
    if (end && sscanf(request, "%15s %4095s", method, path) == 2) {
        pthread_mutex_lock(&stand_in->lock);
        size_t used = strlen(stand_in->asked);
        const char *auth = strcasestr(request, "X-Registry-Auth:");
        snprintf(stand_in->asked + used, sizeof stand_in->asked - used, "%s %s%s\n", method, path, auth ? " with credentials" : "");
        pthread_mutex_unlock(&stand_in->lock);
        stand_in_serve(from, method, path, strstr(request, "\r\n\r\n") + 4);
    }
    close(from);
    return NULL;
}

/* For ever. */
static void *stand_in_listen(void *given) {
    for (int listener = (int)(long)given;;) {
        pthread_t thread;
        int visitor = accept(listener, NULL, NULL);
        if (visitor < 0 || pthread_create(&thread, NULL, stand_in_meet, (void *)(long)visitor) != 0) exit(1);
        pthread_detach(thread);
    }
}

/* Opens the socket at the path; what is asked before somebody serves waits. */
static int stand_in_open(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    stand_in = mmap(NULL, sizeof *stand_in, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (stand_in == MAP_FAILED) exit(1);
    pthread_mutexattr_init(&mutex), pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_condattr_init(&condition), pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&stand_in->lock, &mutex);
    pthread_cond_init(&stand_in->changed, &condition);
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) exit(1);
    return listener;
}

#endif
