#include "description.h"
#include "reading.h"
#include "schema.h"

#include <stdlib.h>
#include <string.h>

/* ---- arguments -------------------------------------------------------------------------------------------------- */

static type_code read_type(reading *r, json_value object, const char *key) {
    const char *name = need_text(r, object, key);
    for (type_code type = TYPE_VOID; type <= TYPE_CSTR; type++)
        if (strcmp(type_name(type), name) == 0) return type;
    refuse(r, "%s \"%s\" is unknown; there are i8 to i64, u8 to u64, f32, f64, ptr, cstr, and void as a result", key, name);
}

static type_code read_number_type(reading *r, json_value object, const char *key) {
    type_code type = read_type(r, object, key);
    if (type == TYPE_VOID || type >= TYPE_PTR) refuse(r, "%s must be a number's type, not %s", key, type_name(type));
    return type;
}

/* The one member that says what is bound; the others qualify it. */
static const struct {
    const char *key;
    binding binding;
    int needs_pointer;
} bindings[] = {
    {"param", BIND_PARAM, 0},       {"value", BIND_VALUE, 0},     {"text", BIND_TEXT, 1},
    {"file", BIND_FILE, 1},         {"length_of", BIND_LENGTH, 0}, {"output", BIND_OUTPUT, 1},
    {"capacity_of", BIND_CAPACITY, 0}, {"length", BIND_IN_OUT, 1},   {"out", BIND_OUT, 1},
    {"fields", BIND_STRUCT, 1},     {"callback", BIND_CALLBACK, 1},
};

static argument read_argument(reading *r, json_value object);

static argument *read_arguments(reading *r, json_value object, const char *key, size_t *count,
                                argument (*read_one)(reading *, json_value)) {
    json_value list = json_member(object, key), element;
    *count = 0;
    if (list.kind == JSON_NONE || list.kind == JSON_NULL) return NULL;
    if (list.kind != JSON_ARRAY) refuse(r, "%s must be a list", key);
    argument *arguments = keep(r, MOST_ARGUMENTS * sizeof *arguments);
    for (size_t position = 0; json_next(list, &position, NULL, &element);) {
        if (*count == MOST_ARGUMENTS) refuse(r, "%s are more than %d", key, MOST_ARGUMENTS);
        size_t depth = enter(r, "%s[%zu]", key, *count);
        if (element.kind != JSON_OBJECT) refuse(r, "this must be a map such as {type: f64, param: x}");
        arguments[(*count)++] = read_one(r, element);
        leave(r, depth);
    }
    return arguments;
}

static argument read_callback_argument(reading *r, json_value object) {
    known_members(r, object, (const char *[]){"type", "as", NULL});
    argument it = {.type = read_type(r, object, "type"), .binding = BIND_UNUSED};
    const char *as = text_or_null(r, object, "as");
    if (it.type == TYPE_VOID) refuse(r, "void is a type of results only");
    if (!as) return it;
    it.role = strcmp(as, "done") == 0    ? ROLE_DONE
              : strcmp(as, "total") == 0 ? ROLE_TOTAL
              : strcmp(as, "text") == 0  ? ROLE_TEXT
                                         : ROLE_NONE;
    int is_text = it.type == TYPE_CSTR;
    if (it.role == ROLE_NONE) refuse(r, "as: \"%s\" is unknown; there are done, total and text", as);
    if (is_text != (it.role == ROLE_TEXT) || it.type == TYPE_PTR) refuse(r, "%s cannot be %s", type_name(it.type), as);
    return it;
}

static callback *read_callback(reading *r, json_value object) {
    callback *it = keep(r, sizeof *it);
    const char *purpose = need_text(r, object, "callback");
    it->reports_progress = strcmp(purpose, "progress") == 0;
    if (!it->reports_progress && strcmp(purpose, "log") != 0)
        refuse(r, "callback: \"%s\" is unknown; there are progress and log", purpose);
    it->result = json_member(object, "result").kind == JSON_NONE ? TYPE_VOID : read_type(r, object, "result");
    if (it->result != TYPE_VOID && !type_is_integer(it->result)) refuse(r, "a callback's result must be whole or void");
    it->returns = integer_or(r, object, "returns", 0);
    it->when_cancelled = integer_or(r, object, "when_cancelled", it->returns);
    it->arguments = read_arguments(r, object, "arguments", &it->argument_count, read_callback_argument);
    return it;
}

/* Where C puts the fields. */
static void lay_out(argument *it) {
    size_t alignment = 1;
    for (size_t i = 0; i < it->field_count; i++) {
        size_t size = type_size(it->fields[i].type);
        it->size = (it->size + size - 1) / size * size;
        it->fields[i].offset = it->size;
        it->size += size;
        if (size > alignment) alignment = size;
    }
    it->size = (it->size + alignment - 1) / alignment * alignment;
}

static argument read_field(reading *r, json_value object) {
    argument it = read_argument(r, object);
    int is_plain = it.binding == BIND_PARAM || it.binding == BIND_VALUE || it.binding == BIND_OUT ||
                   it.binding == BIND_TEXT || it.binding == BIND_FILE || it.binding == BIND_LENGTH ||
                   it.binding == BIND_OUTPUT || it.binding == BIND_CAPACITY;
    if (!is_plain) refuse(r, "a field cannot be bound like this");
    return it;
}

static void read_binding(reading *r, json_value object, argument *it) {
    switch (it->binding) {
    case BIND_PARAM: it->value = json_member(object, "default"); break;
    case BIND_VALUE: it->value = json_member(object, "value"); break;
    case BIND_OUTPUT:
        it->capacity = (uint64_t)integer_or(r, object, "capacity", 0);
        it->per_byte = (uint64_t)integer_or(r, object, "per_byte", 0);
        it->of = text_or_null(r, object, "of");
        if ((it->per_byte > 0) != (it->of != NULL)) refuse(r, "per_byte and of: belong together");
        if (it->capacity == 0 && !it->of) refuse(r, "capacity is missing: how many bytes the buffer has");
        break;
    case BIND_IN_OUT:
    case BIND_OUT: it->pointed = read_number_type(r, object, "as"); break;
    case BIND_STRUCT:
        it->fields = read_arguments(r, object, "fields", &it->field_count, read_field);
        if (it->field_count == 0) refuse(r, "a struct has at least one field");
        lay_out(it);
        break;
    case BIND_CALLBACK: it->callback = read_callback(r, object); break;
    default: break;
    }
}

static void check_type(reading *r, const argument *it, int needs_pointer, int is_field_out) {
    if (it->type == TYPE_VOID) refuse(r, "void is a type of results only");
    if (needs_pointer && !is_field_out && it->type != TYPE_PTR) refuse(r, "this needs type: ptr, not %s", type_name(it->type));
    if (it->binding == BIND_PARAM && it->type == TYPE_PTR)
        refuse(r, "a param cannot be a pointer; text: and file: give the bytes of one");
    if ((it->binding == BIND_LENGTH || it->binding == BIND_CAPACITY) && !type_is_integer(it->type))
        refuse(r, "a length must be whole, not %s", type_name(it->type));
    if (it->binding == BIND_VALUE && !value_fits(it->type, it->value))
        refuse(r, "the value %.*s is no %s", (int)it->value.length, it->value.text, type_name(it->type));
    if (it->binding == BIND_PARAM && it->value.kind != JSON_NONE && !value_fits(it->type, it->value))
        refuse(r, "the default %.*s is no %s", (int)it->value.length, it->value.text, type_name(it->type));
}

static argument read_argument(reading *r, json_value object) {
    known_members(r, object, (const char *[]){"type", "default", "capacity", "per_byte", "of", "as", "arguments", "result",
                             "returns", "when_cancelled", "param", "value", "text", "file", "length_of", "output",
                             "capacity_of", "length", "out", "fields", "callback", NULL});
    argument it = {.type = read_type(r, object, "type")};
    int found = 0, needs_pointer = 0;
    for (size_t i = 0; i < sizeof bindings / sizeof bindings[0]; i++) {
        if (json_member(object, bindings[i].key).kind == JSON_NONE) continue;
        found++;
        it.binding = bindings[i].binding;
        needs_pointer = bindings[i].needs_pointer;
        int is_named = it.binding != BIND_VALUE && it.binding != BIND_STRUCT && it.binding != BIND_CALLBACK;
        it.name = is_named ? need_text(r, object, bindings[i].key) : NULL;
    }
    if (found != 1)
        refuse(r, "say exactly one of param, value, text, file, length_of, output, capacity_of, length, out, fields and callback");
    int is_field_out = it.binding == BIND_OUT && json_member(object, "as").kind == JSON_NONE;
    if (!is_field_out) read_binding(r, object, &it);
    else it.pointed = it.type;
    check_type(r, &it, needs_pointer, is_field_out);
    return it;
}

/* ---- components ------------------------------------------------------------------------------------------------- */

static void read_success(reading *r, json_value result, component *it) {
    json_value ok = json_member(result, "ok");
    if (ok.kind == JSON_NONE) return;
    if (json_integer(ok, &it->ok) && type_is_integer(it->result)) {
        it->success = OK_EQUALS;
        return;
    }
    const char *word = ok.kind == JSON_STRING ? need_text(r, result, "ok") : "";
    if (strcmp(word, "nonnegative") == 0 && type_is_signed(it->result)) it->success = OK_NONNEGATIVE;
    else if (strcmp(word, "nonnull") == 0 && it->result >= TYPE_PTR) it->success = OK_NONNULL;
    else if (strcmp(word, "nonzero") == 0 && type_is_integer(it->result)) it->success = OK_NONNULL;
    else refuse(r, "ok: must be a whole number, nonzero, nonnegative or nonnull, and fit the result's type %s", type_name(it->result));
}

static void read_result(reading *r, json_value object, component *it) {
    json_value result = json_member(object, "result");
    it->result = TYPE_VOID;
    if (result.kind == JSON_NONE) return;
    size_t depth = enter(r, "result");
    if (result.kind != JSON_OBJECT) refuse(r, "this must be a map such as {type: i32, ok: 0}");
    known_members(r, result, (const char *[]){"type", "ok", "emit", "retry", "errors", "grow", NULL});
    it->result = read_type(r, result, "type");
    it->result_name = text_or_null(r, result, "emit");
    if (it->result_name && (it->result == TYPE_VOID || it->result == TYPE_PTR)) refuse(r, "%s cannot be emitted", type_name(it->result));
    read_success(r, result, it);
    it->retry = json_member(result, "retry");
    if (it->retry.kind != JSON_NONE && it->retry.kind != JSON_ARRAY) refuse(r, "retry must be a list of results");
    it->errors = json_member(result, "errors");
    if (it->errors.kind != JSON_NONE && it->errors.kind != JSON_OBJECT) refuse(r, "errors must be a map of results and reasons");
    it->grows = json_member(result, "grow").kind != JSON_NONE;
    it->grow = integer_or(r, result, "grow", 0);
    leave(r, depth);
}

static uint64_t read_flags(reading *r, json_value object) {
    static const char *const names[] = {"concurrent",  "self-concurrent", "same-thread", "not-repeatable",
                                        "cooperative", "pure",            "network",     "subprocess"};
    json_value list = json_member(object, "flags"), flag;
    uint64_t flags = 0;
    if (list.kind == JSON_NONE) return 0;
    if (list.kind != JSON_ARRAY) refuse(r, "flags must be a list such as [pure]");
    for (size_t position = 0; json_next(list, &position, NULL, &flag);) {
        size_t i = 0;
        while (i < 8 && !(flag.kind == JSON_STRING && strncmp(flag.text + 1, names[i], flag.length - 2) == 0 && strlen(names[i]) == flag.length - 2)) i++;
        if (i == 8) refuse(r, "the flag %.*s is unknown", (int)flag.length, flag.text);
        flags |= UINT64_C(1) << i;
    }
    return flags;
}

/* Whose bytes `name` stands for: the argument or field that binds them as `wanted`. */
static const argument *find(const argument *arguments, size_t count, const char *name, int (*wanted)(binding)) {
    for (size_t i = 0; i < count; i++) {
        if (arguments[i].name && wanted(arguments[i].binding) && strcmp(arguments[i].name, name) == 0) return &arguments[i];
        const argument *inside = find(arguments[i].fields, arguments[i].field_count, name, wanted);
        if (inside) return inside;
    }
    return NULL;
}

static int is_input(binding it) { return it == BIND_TEXT || it == BIND_FILE; }
static int is_output(binding it) { return it == BIND_OUTPUT; }

static void check_names(reading *r, const component *it, const argument *arguments, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const argument *a = &arguments[i];
        int reads = a->binding == BIND_LENGTH, writes = a->binding == BIND_IN_OUT || a->binding == BIND_CAPACITY;
        const char *input = reads ? a->name : a->of;
        if (input && !find(it->arguments, it->argument_count, input, is_input))
            refuse(r, "\"%s\" is no input: no argument says text: %s or file: %s", input, input, input);
        if (writes && !find(it->arguments, it->argument_count, a->name, is_output))
            refuse(r, "\"%s\" is no buffer: no argument says output: %s", a->name, a->name);
        check_names(r, it, a->fields, a->field_count);
    }
}

static component read_component(reading *r, json_value object) {
    known_members(r, object, (const char *[]){"id", "title", "description", "function", "arguments", "result", "emit", "flags",
                             "result_type", "examples", NULL});
    component it = {.id = need_id(r, object), .title = text_or_null(r, object, "title")};
    it.description = text_or_null(r, object, "description");
    it.function = text_or_null(r, object, "function");
    if (!it.function) it.function = it.id;
    if (!is_c_name(it.function)) refuse(r, "function: \"%s\" is no name of a function", it.function);
    it.arguments = read_arguments(r, object, "arguments", &it.argument_count, read_argument);
    read_result(r, object, &it);
    check_names(r, &it, it.arguments, it.argument_count);
    it.emit = text_or_null(r, object, "emit");
    if (it.emit && !find(it.arguments, it.argument_count, it.emit, is_output))
        refuse(r, "emit: \"%s\" is no buffer: no argument says output: %s", it.emit, it.emit);
    it.result_type = text_or_null(r, object, "result_type");
    if (!it.result_type) it.result_type = it.emit ? "application/octet-stream" : "application/json";
    it.flags = read_flags(r, object);
    it.schema = schema_of(r, &it);
    it.examples = json_member(object, "examples");
    return it;
}

static void read_components(reading *r, json_value root, description *out) {
    json_value list = json_member(root, "components"), element;
    if (list.kind != JSON_ARRAY) refuse(r, "components: is missing: a list of functions");
    out->components = keep(r, MOST_COMPONENTS * sizeof *out->components);
    for (size_t position = 0; json_next(list, &position, NULL, &element);) {
        if (out->component_count == MOST_COMPONENTS) refuse(r, "components are more than %d", MOST_COMPONENTS);
        size_t depth = enter(r, "components[%zu]", out->component_count);
        if (element.kind != JSON_OBJECT) refuse(r, "this must be a map that begins with id:");
        out->components[out->component_count++] = read_component(r, element);
        leave(r, depth);
    }
    if (out->component_count == 0) refuse(r, "components: is empty");
}

static void read_description(reading *r, const void *source, description *out) {
    json_value root = *(const json_value *)source;
    if (root.kind != JSON_OBJECT) refuse(r, "a description is a map that begins with id:");
    known_members(r, root, (const char *[]){"id", "version", "vendor", "library", "headers", "unverified", "components", NULL});
    *out = (description){.id = need_id(r, root), .version = need_text(r, root, "version")};
    out->vendor = text_or_null(r, root, "vendor");
    out->library = need_text(r, root, "library");
    out->headers = json_member(root, "headers");
    json_bool(json_member(root, "unverified"), &out->unverified);
    int has_headers = out->headers.kind == JSON_ARRAY && out->headers.length > 2;
    if (has_headers == out->unverified)
        refuse(r, "say either headers: [the library's header], against which the build checks every signature, or "
                  "unverified: true, and then the operator of each host must consent");
    read_components(r, root, out);
}

int description_read(const char *json, size_t length, description *out, char *error, size_t size) {
    json_value root;
    json_parse(json, length, &root);
    return reading_try(read_description, &root, out, error, size);
}
