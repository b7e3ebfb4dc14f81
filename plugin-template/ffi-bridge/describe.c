/* describe PLUGIN.YAML FOLDER: checks a description, and writes into the folder what the build makes a plugin of:
 * generated.c (the description as bytes, the functions, an entry for each component), verify.cpp (static assertions
 * against the library's header), link (how to link the library) and description.json. */
#include "description.h"
#include "verify.h"
#include "yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *program = "describe", *source, *folder;

static _Noreturn void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static char *slurp(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die("%s cannot be read", path);
    size_t length = 0, capacity = 1 << 20;
    char *text = malloc(capacity + 1);
    if (text) length = fread(text, 1, capacity, file);
    if (!text || length == capacity) die("%s is too large", path);
    fclose(file);
    text[length] = 0;
    if (strlen(text) != length) die("%s has a NUL inside", path);
    return text;
}

static FILE *create(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file) die("%s cannot be written", path);
    return file;
}

static void finish(FILE *file) {
    if (fflush(file) != 0 || ferror(file) || fclose(file) != 0) die("%s: cannot be written", folder);
}

/* ---- generated.c ------------------------------------------------------------------------------------------------ */

static void write_generated(const description *d, const char *json, size_t length) {
    FILE *out = create("generated.c");
    fprintf(out, "/* Made of %s; do not edit. */\n#include \"bridge.h\"\n\n", source);
    fprintf(out, "__attribute__((section(\".berth.foreign\"), used)) const char bridge_description[] = {");
    for (size_t i = 0; i < length; i++) fprintf(out, "%s%d,", i % 24 ? "" : "\n    ", (signed char)json[i]);
    fprintf(out, "\n};\nconst size_t bridge_description_length = sizeof bridge_description;\n\n");
    /* Under other names: the compiler has prototypes of its own for some of them. */
    for (size_t i = 0; i < d->component_count; i++)
        fprintf(out, "extern void foreign_%zu(void) __asm__(\"%s\");\n", i, d->components[i].function);
    fprintf(out, "\nvoid (*const bridge_functions[])(void) = {");
    for (size_t i = 0; i < d->component_count; i++) fprintf(out, "foreign_%zu, ", i);
    fprintf(out, "};\n\n");
    for (size_t i = 0; i < d->component_count; i++)
        fprintf(out, "static berth_status run_%zu(berth_context *c, const void *p, size_t n) { return bridge_run(%zu, c, p, n); }\n", i, i);
    fprintf(out, "\nconst berth_handler bridge_handlers[] = {\n");
    for (size_t i = 0; i < d->component_count; i++)
        fprintf(out, "    {.struct_size = sizeof(berth_handler), .execute = run_%zu},\n", i);
    fprintf(out, "};\n");
    finish(out);
}

/* A name is found by the linker's own search; a path only says where to look while linking: on the host the loader has to
 * find the library by its name. */
static void write_link(const description *d) {
    FILE *out = create("link");
    if (strpbrk(d->library, " '\"$`\\\n")) die("%s: library: \"%s\" is no library's name", source, d->library);
    const char *slash = strrchr(d->library, '/');
    if (slash) fprintf(out, "-L%.*s -l:%s\n", (int)(slash - d->library + 1), d->library, slash + 1);
    else fprintf(out, "-l:%s\n", d->library);
    finish(out);
}

int main(int argc, char **argv) {
    if (argc != 3) die("say describe PLUGIN.YAML FOLDER");
    source = argv[1];
    folder = argv[2];
    json_writer json = {0};
    const char *wrong;
    int line;
    char *text = slurp(source), error[512];
    if (!yaml_to_json(text, &json, &wrong, &line)) {
        fprintf(stderr, "%s:%d: %s\n", source, line, wrong);
        return 1;
    }
    description d;
    if (!description_read(json.bytes, json.length, &d, error, sizeof error)) {
        fprintf(stderr, "%s: %s\n", source, error);
        return 1;
    }
    write_generated(&d, json.bytes, json.length);
    FILE *verify = create("verify.cpp");
    const char *refused = verify_write(verify, &d);
    if (refused) die("%s: %s", source, refused);
    finish(verify);
    write_link(&d);
    FILE *out = create("description.json");
    fwrite(json.bytes, 1, json.length, out);
    finish(out);
    return 0;
}
