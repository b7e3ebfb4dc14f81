#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/x509.h>

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

/* Writes ca.pem, client.pem and client.key into the folder; gives the server's identity, for localhost and 127.0.0.1. */
struct identity certificates_make(const char *folder, X509 **authority);

#endif
