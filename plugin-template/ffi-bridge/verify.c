#include "verify.h"

#include <string.h>

static const char *tag(type_code type) {
    static char name[16];
    snprintf(name, sizeof name, "is_%s", type_name(type));
    return name;
}

/* Takes a struct apart: as many members, each of its type. */
static void write_fields(FILE *out, const component *it, size_t index) {
    const argument *a = &it->arguments[index];
    fprintf(out, "inline void fields_%zu(pointee<function::argument<%zu>>::to &whole) {\n    auto &[", index, index);
    for (size_t k = 0; k < a->field_count; k++) fprintf(out, "%sfield_%zu", k ? ", " : "", k);
    fprintf(out, "] = whole;\n");
    for (size_t k = 0; k < a->field_count; k++)
        fprintf(out, "    static_assert(%s<bare<decltype(field_%zu)>>, \"field %zu of argument %zu of %s is no %s in the header\");\n",
                tag(a->fields[k].type), k, k + 1, index + 1, it->function, type_name(a->fields[k].type));
    fprintf(out, "}\n");
}

/* Arity, result and arguments of the function type `alias`, which people know as `name`. */
static void write_signature(FILE *out, const char *alias, const char *name, type_code result, const argument *arguments,
                            size_t count) {
    fprintf(out, "static_assert(%s::arity == %zu, \"%s has another number of arguments in the header than the %zu described\");\n",
            alias, count, name, count);
    fprintf(out, "static_assert(%s<%s::result>, \"the result of %s is no %s in the header\");\n", tag(result), alias, name,
            type_name(result));
    for (size_t i = 0; i < count; i++)
        fprintf(out, "static_assert(%s<%s::argument<%zu>>, \"argument %zu of %s is no %s in the header\");\n",
                tag(arguments[i].type), alias, i, i + 1, name, type_name(arguments[i].type));
}

static void write_callback(FILE *out, const component *it, size_t index) {
    const callback *back = it->arguments[index].callback;
    char alias[64], name[300];
    snprintf(alias, sizeof alias, "callback_%zu", index);
    snprintf(name, sizeof name, "the callback in argument %zu of %s", index + 1, it->function);
    fprintf(out, "using %s = signature<function::argument<%zu>>;\n", alias, index);
    write_signature(out, alias, name, back->result, back->arguments, back->argument_count);
}

static void write_checks(FILE *out, const component *it) {
    fprintf(out, "using function = signature<decltype(plain(&::%s))>;\n", it->function);
    write_signature(out, "function", it->function, it->result, it->arguments, it->argument_count);
    for (size_t i = 0; i < it->argument_count; i++) {
        const argument *a = &it->arguments[i];
        if (a->binding == BIND_IN_OUT || a->binding == BIND_OUT)
            fprintf(out, "static_assert(points_to<function::argument<%zu>, %zu>, \"argument %zu of %s does not point to %s in the header\");\n",
                    i, type_size(a->pointed), i + 1, it->function, type_name(a->pointed));
        if (a->binding == BIND_STRUCT) write_fields(out, it, i);
        if (a->binding == BIND_CALLBACK) write_callback(out, it, i);
    }
}

static const char *const preamble =
    "template <typename T> struct pointee { static constexpr bool is = false; using to = void; };\n"
    "template <typename T> struct pointee<T *> { static constexpr bool is = true; using to = T; };\n"
    "template <typename T> constexpr unsigned long size_of = sizeof(T);\n"
    "template <> constexpr unsigned long size_of<void> = 0;\n"
    "template <> constexpr unsigned long size_of<const void> = 0;\n"
    "template <typename T> struct unqualified { using type = T; };\n"
    "template <typename T> struct unqualified<const T> { using type = T; };\n"
    "template <typename T> using bare = typename unqualified<T>::type;\n"
    "template <typename A, typename B> constexpr bool same = false;\n"
    "template <typename A> constexpr bool same<A, A> = true;\n"
    "template <typename T> constexpr bool is_void = same<T, void>;\n"
    "template <typename T> constexpr bool is_ptr = pointee<T>::is;\n"
    "template <typename T> constexpr bool is_cstr = same<T, char *> || same<T, const char *>;\n"
    "template <typename T> constexpr bool is_f32 = same<T, float>;\n"
    "template <typename T> constexpr bool is_f64 = same<T, double>;\n"
    "template <typename T, unsigned long size, bool negative> constexpr bool integer() {\n"
    "    if constexpr (is_ptr<T> || is_void<T> || is_f32<T> || is_f64<T> || same<T, long double>) return false;\n"
    "    else if constexpr (__is_class(T) || __is_union(T)) return false;\n"
    "    else if constexpr (__is_enum(T)) return integer<__underlying_type(T), size, negative>();\n"
    "    else return sizeof(T) == size && (T(-1) < T(0)) == negative;\n"
    "}\n"
    "template <typename T> constexpr bool is_i8 = integer<T, 1, true>();\n"
    "template <typename T> constexpr bool is_u8 = integer<T, 1, false>();\n"
    "template <typename T> constexpr bool is_i16 = integer<T, 2, true>();\n"
    "template <typename T> constexpr bool is_u16 = integer<T, 2, false>();\n"
    "template <typename T> constexpr bool is_i32 = integer<T, 4, true>();\n"
    "template <typename T> constexpr bool is_u32 = integer<T, 4, false>();\n"
    "template <typename T> constexpr bool is_i64 = integer<T, 8, true>();\n"
    "template <typename T> constexpr bool is_u64 = integer<T, 8, false>();\n"
    "template <typename T, unsigned long size> constexpr bool points_to = size_of<typename pointee<T>::to> == size;\n"
    "template <unsigned long n, typename First, typename... Rest> struct nth { using type = typename nth<n - 1, Rest...>::type; };\n"
    "template <typename First, typename... Rest> struct nth<0, First, Rest...> { using type = First; };\n"
    "template <typename T> struct signature;\n"
    "template <typename R, typename... A> struct signature<R (*)(A...)> {\n"
    "    static constexpr unsigned long arity = sizeof...(A);\n"
    "    using result = R;\n"
    "    template <unsigned long n> using argument = typename nth<n, A..., void>::type;\n"
    "};\n"
    "\ntemplate <typename R, typename... A> auto plain(R (*)(A...)) -> R (*)(A...);\n"
    "/* A function with \"...\" cannot be described. */\n"
    "template <typename R, typename... A> auto plain(R (*)(A..., ...)) = delete;\n\n";

/* The header is read as C, and the plugin's author decides where it is looked for. */
static const char *write_includes(FILE *out, json_value headers) {
    json_value header;
    fprintf(out, "extern \"C\" {\n");
    for (size_t position = 0; json_next(headers, &position, NULL, &header);) {
        const char *name = json_text(header);
        if (!name || strpbrk(name, "\"<>\n")) return "headers: must be a list of names such as zlib.h";
        fprintf(out, name[0] == '/' || name[0] == '.' ? "#include \"%s\"\n" : "#include <%s>\n", name);
    }
    fprintf(out, "}\n\n");
    return NULL;
}

const char *verify_write(FILE *out, const description *d) {
    const char *refused = d->unverified ? NULL : write_includes(out, d->headers);
    if (refused || d->unverified) return refused;
    fputs(preamble, out);
    for (size_t i = 0; i < d->component_count; i++) {
        fprintf(out, "namespace component_%zu {\n", i); /* a function may be two components */
        write_checks(out, &d->components[i]);
        fprintf(out, "}\n\n");
    }
    return NULL;
}
