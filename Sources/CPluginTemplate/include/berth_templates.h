/* The files of plugin-template/, as they were when the program was built: what `berth plugin new` writes out. */
#ifndef BERTH_TEMPLATES_H
#define BERTH_TEMPLATES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *folder; /* "c", "swift-runner" and so on; "" for berth_plugin.h alone */
    const char *path;   /* inside the folder, with the placeholders plugin-name and PluginName */
    const unsigned char *bytes;
    size_t length;
    int32_t executable; /* 1 when the file is to be executable */
} berth_template_file;

/* All of them; they live until the process ends. */
const berth_template_file *berth_templates(size_t *count);

#endif
