/* An authority, a server and a client, made anew for each run of the tests. */
#include "certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

static void extend(X509 *certificate, X509 *issuer, int what, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
    if (!extension || !X509_add_ext(certificate, extension, -1)) exit(1);
    X509_EXTENSION_free(extension);
}

static struct identity make(const char *name, const struct identity *authority, const char *names) {
    struct identity made = {.key = EVP_EC_gen("P-256"), .certificate = X509_new()};
    static long serial = 1;
    X509_set_version(made.certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(made.certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.certificate), 86400);
    X509_set_pubkey(made.certificate, made.key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.certificate), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509 *issuer = authority ? authority->certificate : made.certificate;
    X509_set_issuer_name(made.certificate, X509_get_subject_name(issuer));
    extend(made.certificate, issuer, NID_basic_constraints, authority ? "CA:FALSE" : "critical,CA:TRUE");
    if (names) extend(made.certificate, issuer, NID_subject_alt_name, names);
    if (!X509_sign(made.certificate, authority ? authority->key : made.key, EVP_sha256())) exit(1);
    return made;
}

static void write_certificate(const char *folder, const char *name, X509 *certificate) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || !PEM_write_X509(file, certificate) || fclose(file) != 0) exit(1);
}

static void write_key(const char *folder, const char *name, EVP_PKEY *key) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file || !PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) || fclose(file) != 0) exit(1);
}

struct identity certificates_make(const char *folder, X509 **authority) {
    struct identity ca = make("berth tests", NULL, NULL);
    struct identity server = make("localhost", &ca, "DNS:localhost,IP:127.0.0.1");
    struct identity client = make("client of the tests", &ca, NULL);
    write_certificate(folder, "ca.pem", ca.certificate);
    write_certificate(folder, "client.pem", client.certificate);
    write_key(folder, "client.key", client.key);
    X509_free(client.certificate);
    EVP_PKEY_free(client.key);
    EVP_PKEY_free(ca.key);
    *authority = ca.certificate;
    return server;
}
