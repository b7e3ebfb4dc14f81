/* The plugin `text`: what it offers. */
#include "text.h"

const berth_host *host;

static const berth_component components[] = {
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_HANDLER,
        .id = "wordcount",
        .title = "Counts lines, words and bytes",
        .description = "Of a file, or of everything below a folder, as wc does; and the ten most frequent words.",
        .params_schema = "{\"type\":\"object\",\"required\":[\"path\"],\"additionalProperties\":false,"
                         "\"properties\":{\"path\":{\"type\":\"string\",\"minLength\":1}}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_COOPERATIVE,
        .vtable = &wordcount_handler,
    },
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_PROCESSOR,
        .id = "count",
        .title = "Counts how often each word occurs",
        .description = "In a file, or in all files below a folder: one run shares them out among others and adds up.",
        .params_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
                         "\"path\":{\"type\":\"string\",\"minLength\":1},"
                         "\"files_per_part\":{\"type\":\"integer\",\"minimum\":1,\"default\":50},"
                         "\"files\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}",
        .result_type = "text/plain",
        .flags = BERTH_FLAG_COOPERATIVE,
        .vtable = &count_processor,
    },
    {
        .struct_size = sizeof(berth_component),
        .kind = BERTH_KIND_PROCESSOR,
        .id = "grep",
        .title = "Finds lines",
        .description = "Lines that match a POSIX extended regular expression, in a file or below a folder.",
        .params_schema = "{\"type\":\"object\",\"required\":[\"pattern\",\"path\"],\"additionalProperties\":false,"
                         "\"properties\":{\"pattern\":{\"type\":\"string\"},"
                         "\"path\":{\"type\":\"string\",\"minLength\":1},"
                         "\"ignore_case\":{\"type\":\"boolean\",\"default\":false},"
                         "\"max_matches\":{\"type\":\"integer\",\"minimum\":0,\"default\":10000}}}",
        .result_type = "application/json",
        .flags = BERTH_FLAG_COOPERATIVE,
        .vtable = &grep_processor,
    },
};

BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "text";
    out->version = "1.0.0";
    out->vendor = "berth";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
