/* Ends an attempt with a code and a reason that people can read: return failure(host, context, BERTH_FAIL_INPUT, "..."); */
#ifndef FAILURE_H
#define FAILURE_H

#include "berth_plugin.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 4, 5))) static inline berth_status failure(const berth_host *host, berth_context *context,
                                                                         berth_status code, const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t kept = length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    host->set_error(context, code, 0, text, kept);
    return code;
}

#endif
