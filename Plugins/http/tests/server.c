/* An HTTP server to try requests on: ./server FOLDER prints its ports, that of plain HTTP and that of TLS, writes certificates
 * into the folder, and serves until its input ends.
 *
 *   /echo            what was asked, as JSON        /bytes/N          N bytes
 *   /status/N        status N                       /chunks           a body in chunks
 *   /retry/N/WHEN    status N and Retry-After       /drop             no answer, the connection ends
 *   /redirect/N?URL  status N and Location          /hang             no answer, for ever */
#include "certificates.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_BYTES (1 << 20)

struct visitor {
    int socket;
    SSL *tls; /* null: plain */
    char request[REQUEST_BYTES + 1];
    size_t length;
};

struct door {
    int listener;
    SSL_CTX *tls;
};

static int take(struct visitor *v) {
    size_t room = REQUEST_BYTES - v->length;
    int length = v->tls ? SSL_read(v->tls, v->request + v->length, (int)room) : (int)read(v->socket, v->request + v->length, room);
    if (length <= 0) return 0;
    v->length += (size_t)length;
    v->request[v->length] = 0;
    return 1;
}

static void give(struct visitor *v, const char *bytes, size_t length) {
    while (length) {
        int written = v->tls ? SSL_write(v->tls, bytes, (int)length) : (int)write(v->socket, bytes, length);
        if (written <= 0) return;
        bytes += written;
        length -= (size_t)written;
    }
}

static void answer(struct visitor *v, int status, const char *more, const char *body, size_t length) {
    char head[4096];
    int size = snprintf(head, sizeof head, "HTTP/1.1 %d Whatever\r\nContent-Length: %zu\r\nX-Server: Tests\r\n%s\r\n", status,
                        length, more);
    give(v, head, (size_t)size);
    if (strncmp(v->request, "HEAD ", 5) != 0) give(v, body, length);
}

static void put_quoted(FILE *out, const char *text, size_t length) {
    fputc('"', out);
    for (size_t i = 0; i < length; i++)
        if (strchr("\"\\\r\n\t", text[i]) && text[i]) fprintf(out, "\\u%04x", (unsigned)text[i]);
        else fputc(text[i], out);
    fputc('"', out);
}

static const char *client_of(struct visitor *v, char *name, size_t size) {
    X509 *certificate = v->tls ? SSL_get1_peer_certificate(v->tls) : NULL;
    *name = 0;
    if (certificate) X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, (int)size);
    X509_free(certificate);
    return name;
}

static void echo(struct visitor *v, const char *path, const char *head, const char *body) {
    char *text = NULL, name[200];
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    fprintf(out, "{\"method\":");
    put_quoted(out, v->request, strcspn(v->request, " "));
    fprintf(out, ",\"path\":");
    put_quoted(out, path, strlen(path));
    fprintf(out, ",\"client\":\"%s\",\"head\":", client_of(v, name, sizeof name));
    put_quoted(out, head, (size_t)(body - head));
    fprintf(out, ",\"body\":");
    put_quoted(out, body, strlen(body));
    fprintf(out, "}");
    fclose(out);
    answer(v, 200, "Content-Type: application/json\r\n", text, length);
    free(text);
}

static void bytes(struct visitor *v, size_t count) {
    char *body = malloc(count + 1);
    memset(body, 'x', count);
    answer(v, 200, "", body, count);
    free(body);
}

/* 0 ends the connection. */
static int serve(struct visitor *v, const char *path, const char *head, const char *body) {
    char more[2048], text[64];
    int status = 0;
    if (sscanf(path, "/redirect/%d", &status) == 1) {
        const char *to = strchr(path, '?');
        snprintf(more, sizeof more, "Location: %s\r\n", to ? to + 1 : "/echo");
        answer(v, status, more, "elsewhere", 9);
    } else if (sscanf(path, "/retry/%d", &status) == 1) {
        snprintf(more, sizeof more, "Retry-After: %s\r\n", strrchr(path, '/') + 1);
        answer(v, status, more, "later", 5);
    } else if (sscanf(path, "/status/%d", &status) == 1) {
        int length = snprintf(text, sizeof text, "status %d", status);
        answer(v, status, "", text, status == 204 ? 0 : (size_t)length);
    } else if (strncmp(path, "/bytes/", 7) == 0) {
        bytes(v, strtoul(path + 7, NULL, 10));
    } else if (strcmp(path, "/chunks") == 0) {
        const char *chunks = "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4\r\n two\r\n0\r\n\r\n";
        give(v, chunks, strlen(chunks));
    } else if (strcmp(path, "/hang") == 0) {
        while (take(v)) {}
        return 0;
    } else if (strcmp(path, "/drop") == 0) {
        return 0;
    } else {
        echo(v, path, head, body);
    }
    return 1;
}

/* One request; 0 when the visitor has gone. */
static int attend(struct visitor *v) {
    v->length = 0;
    v->request[0] = 0;
    char *body = NULL, path[4096];
    while (!(body = strstr(v->request, "\r\n\r\n")))
        if (!take(v)) return 0;
    body += 4;
    const char *field = strcasestr(v->request, "\r\nContent-Length:");
    size_t length = field && field < body ? strtoul(field + 17, NULL, 10) : 0;
    while ((size_t)(v->request + v->length - body) < length)
        if (!take(v)) return 0;
    if (sscanf(v->request, "%*s %4095s", path) != 1) return 0;
    return serve(v, path, strstr(v->request, "\r\n") + 2, body);
}

static void *meet(void *given) {
    struct visitor *v = given;
    if (!v->tls || SSL_accept(v->tls) == 1)
        while (attend(v)) {}
    SSL_free(v->tls);
    close(v->socket);
    free(v);
    return NULL;
}

static void *listen_at(void *given) {
    struct door *door = given;
    for (;;) {
        struct visitor *v = calloc(1, sizeof *v);
        pthread_t thread;
        v->socket = accept(door->listener, NULL, NULL);
        if (v->socket < 0) exit(1);
        if (door->tls) SSL_set_fd(v->tls = SSL_new(door->tls), v->socket);
        if (pthread_create(&thread, NULL, meet, v) != 0) exit(1);
        pthread_detach(thread);
    }
}

static int open_door(struct door *door) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    pthread_t thread;
    door->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(door->listener, (struct sockaddr *)&address, length) != 0 || listen(door->listener, 64) != 0) exit(1);
    getsockname(door->listener, (struct sockaddr *)&address, &length);
    if (pthread_create(&thread, NULL, listen_at, door) != 0) exit(1);
    return ntohs(address.sin_port);
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    signal(SIGPIPE, SIG_IGN);
    X509 *authority;
    struct identity identity = certificates_make(argv[1], &authority);
    static struct door plain, safe; /* threads listen at them until the process ends */
    safe.tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(safe.tls, identity.certificate);
    SSL_CTX_use_PrivateKey(safe.tls, identity.key);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(safe.tls), authority);
    SSL_CTX_set_verify(safe.tls, SSL_VERIFY_PEER, NULL);
    X509_free(authority);
    X509_free(identity.certificate);
    EVP_PKEY_free(identity.key);
    printf("%d", open_door(&plain));
    printf(" %d\n", open_door(&safe));
    fflush(stdout);
    while (getchar() != EOF) {}
    return 0;
}
