/* berth_plugin.h - the plugin ABI of Berth, version 1.0 (experimental until it is declared frozen).
 *
 * A plugin is a shared library that exports one function, berth_plugin_v1. The host's guest process loads it, hands it
 * a table of services, and gets back a descriptor that lists the components the plugin offers. Each attempt at a run is
 * one call (or one short series of calls) into a component. This header is complete by itself.
 *
 * What may cross the line: fixed-width integers, sizes, pointers to those, and function pointers. Nothing is passed or
 * returned by value as a struct; there is no bool, enum, long, union, bit field or variadic argument.
 *
 * Growth: every struct that can grow starts with `struct_size`, set by the side that fills it in. New members are only
 * ever appended; read one with BERTH_HAS first. An array of growable structs is strided by its first element's
 * struct_size (see berth_component and berth_child). The major version is part of the entry's name.
 *
 * Memory: inputs are borrowed until the call that received them returns. Whatever is given to the host is copied before
 * the service returns. So neither side ever frees the other's memory, and there is no allocator here. Text is UTF-8 with
 * a length, except the NUL-terminated texts of descriptors, which live until the process ends. Nothing is unloaded.
 *
 * Thread roles, said in brackets at every function pointer:
 *   [run]      the thread that runs attempts of this component; a blocking call is fine here
 *   [callback] one thread of the guest that delivers stop, kill and on_cancel while a run thread is busy;
 *              return within 100 ms
 *   [load]     the first run thread, before any attempt
 *   [any]      any thread the plugin owns, while the context is valid
 * A context is valid from the call that receives it until that call returns.
 */
#ifndef BERTH_PLUGIN_H
#define BERTH_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BERTH_ABI_MAJOR 1u
#define BERTH_ABI_MINOR 0u
#define BERTH_ABI_VERSION ((BERTH_ABI_MAJOR << 16) | BERTH_ABI_MINOR)
#define BERTH_ENTRY_SYMBOL "berth_plugin_v1"

#if defined(__GNUC__)
#define BERTH_EXPORT __attribute__((visibility("default")))
#else
#define BERTH_EXPORT
#endif

/* Did the other side fill in `member` of `*pointer` (a struct of type `type`), and is it not null or zero? */
#define BERTH_HAS(type, pointer, member)                                                                               \
    ((pointer)->struct_size >= offsetof(type, member) + sizeof((pointer)->member) && (pointer)->member)

/* ---- codes: the RANGE is the contract, a code nobody knows is judged by its range ------------------------------ */

typedef int32_t berth_status;

#define BERTH_OK 0

/* 1..99: failed, another attempt may succeed */
#define BERTH_RETRY 1
#define BERTH_RETRY_BUSY 2       /* throttled; say when with set_error's retry_after_ms */
#define BERTH_RETRY_DEPENDENCY 3 /* something outside is down */

/* 100..199: failed, the same input fails again */
#define BERTH_FAIL 100
#define BERTH_FAIL_PARAMS 101
#define BERTH_FAIL_INPUT 102
#define BERTH_FAIL_CONFIG 103

/* 200..249: ended because somebody asked; neither a failure nor a reason to retry */
#define BERTH_CANCELLED 200
#define BERTH_TIMED_OUT 201
#define BERTH_SKIPPED 202

/* 250..299: answers of a single call */
#define BERTH_UNSUPPORTED 250 /* this host does not serve it */
#define BERTH_TOO_LARGE 251
#define BERTH_BAD_CALL 252 /* wrong thread or state, or null where it is forbidden */
#define BERTH_NOT_FOUND 253
#define BERTH_CONFLICT 254 /* kv_put: the version moved on */
#define BERTH_AGAIN 255    /* quota or back pressure: call again later */

/* Negative or >= 300: breach of contract, treated as a permanent failure. */

/* ---- values ---------------------------------------------------------------------------------------------------- */

/* One attempt at a run. Opaque; valid until the call that received it returns. */
typedef struct berth_context berth_context;

typedef struct berth_field {
    const char *key;
    size_t key_length;
    const char *value;
    size_t value_length;
} berth_field; /* never grows */

/* Filled in by the host up to the caller's struct_size. Texts live as long as the context. */
typedef struct berth_ids {
    uint32_t struct_size; /* set by the plugin before the call */
    uint32_t start_number; /* 1 for the first attempt of the run */
    uint64_t run;
    uint64_t root_run;       /* the run itself, or the one whose stages this run belongs to */
    const char *job;         /* job name, length 0 when the run belongs to none */
    size_t job_length;
    const char *traceparent; /* W3C form: that of whoever made the run, else the run's own; children have their parent's */
    size_t traceparent_length;
} berth_ids;

/* A run that this run emits (map). An array of these is strided by element 0's struct_size. `name` is for people, up to
 * 120 bytes, and may be null; `params` is an object of up to 64 KiB. */
typedef struct berth_child {
    uint32_t struct_size;
    uint32_t flags; /* 0 */
    const char *name;
    size_t name_length;
    const void *params; /* JSON */
    size_t params_length;
} berth_child;

#define BERTH_LOG_TRACE 0
#define BERTH_LOG_DEBUG 1
#define BERTH_LOG_INFO 2
#define BERTH_LOG_WARNING 3
#define BERTH_LOG_ERROR 4

/* cancel_state */
#define BERTH_RUN_ON 0
#define BERTH_STOP_ASKED 1 /* finish soon and return BERTH_CANCELLED, or BERTH_TIMED_OUT when the deadline passed */
#define BERTH_LAST_CALL 2  /* a quarter of the grace is left; signals follow */

/* Why a stop was asked for. Judge unknown values like BERTH_STOP_CANCEL. */
#define BERTH_STOP_CANCEL 1
#define BERTH_STOP_TIMEOUT 2
#define BERTH_STOP_SHUTDOWN 3

/* ---- what the host gives: services ------------------------------------------------------------------------------ */

/* The table lives until the process ends. Services that this host does not serve answer BERTH_UNSUPPORTED; no member
 * within struct_size is null. None takes ownership of anything; all copy before they return. */
typedef struct berth_host {
    uint32_t struct_size;
    uint32_t abi_version;
    const char *name;    /* "berth" */
    const char *version; /* of the host, semver */

    /* [any] valid context. Text up to 8 KiB is kept; a run that logs more than the host takes loses lines, never time;
     * the number lost is recorded. `fields` may be null when count is 0. */
    void (*log)(berth_context *context, int32_t level, const char *text, size_t length, const berth_field *fields,
                size_t count);

    /* [any] valid context. BERTH_RUN_ON, BERTH_STOP_ASKED or BERTH_LAST_CALL; costs one atomic load. */
    int32_t (*cancel_state)(berth_context *context);

    /* [any] valid context. A descriptor that becomes and stays readable once a stop is asked for; for poll and its
     * kin. Owned by the host, closed when the context ends; do not read or close it. -1 when none can be made. */
    int32_t (*cancel_descriptor)(berth_context *context);

    /* [any] valid context, once per context. `function` is called on [callback] at the ask and again at the last call,
     * never after the context ends (the end waits for it); at once when a stop was already asked for. `user` belongs to
     * the plugin. It must not call services of the context other than heartbeat, log and breadcrumb. */
    berth_status (*on_cancel)(berth_context *context, void (*function)(void *user, int32_t reason), void *user);

    /* [any] valid context. On the clock of monotonic_ns; INT64_MAX when there is no limit. */
    int64_t (*deadline_ns)(berth_context *context);

    /* [any] any time. Nanoseconds of CLOCK_MONOTONIC and CLOCK_REALTIME; tests may freeze the latter. */
    int64_t (*monotonic_ns)(void);
    int64_t (*unix_ns)(void);

    /* [any] valid context. Says: still alive. One atomic store. */
    void (*heartbeat)(berth_context *context);

    /* [run] valid context. Asks for a later deadline: BERTH_OK when it was moved, or there is none. This host gives up to
     * twice the limit the attempt began with, and none once a stop was asked for: BERTH_TOO_LARGE. */
    berth_status (*extend)(berth_context *context, uint32_t more_ms);

    /* [any] valid context. `total` 0 when unknown; `note` may be null; 200 bytes of it are kept. A sign of life too. */
    void (*progress)(berth_context *context, uint64_t done, uint64_t total, const char *note, size_t length);

    /* [any] valid context. 120 bytes are kept, and shown when the process dies. A sign of life too. */
    void (*breadcrumb)(berth_context *context, const char *text, size_t length);

    /* [run] valid context. Appends to the run's output. BERTH_TOO_LARGE when the limit is passed (nothing of this call
     * is kept then). `flags` is 0. */
    berth_status (*emit)(berth_context *context, const void *bytes, size_t length, uint32_t flags);

    /* [run] valid context, BERTH_STAGE_ROOT or BERTH_STAGE_CHILD. Makes runs of the same component with stage
     * BERTH_STAGE_CHILD, in the same queue and under the same policy. Those that a child makes are its siblings: the
     * reduce stage waits for them too, and reads them after those that were there. They come into being together with
     * the success of this attempt, all of them; one that ends otherwise makes none. Up to 1,000 in a call; 100,000 in an attempt, and 64 MiB. All of a call or none:
     * BERTH_TOO_LARGE beyond a limit, BERTH_FAIL_PARAMS for params that are no object. */
    berth_status (*emit_children)(berth_context *context, const berth_child *children, size_t count);

    /* [run] valid context, BERTH_STAGE_REDUCE. The next child in the order they were emitted: `*status` says how it
     * ended, the bytes are its output or, when it did not succeed, why. They are borrowed until the next call.
     * BERTH_NOT_FOUND after the last one, BERTH_AGAIN when the host cannot read it now. Every attempt gets each child
     * exactly once. What to make of children that did not succeed is the plugin's to say. */
    berth_status (*next_result)(berth_context *context, const void **bytes, size_t *length, berth_status *status);

    /* [run] valid context. Explains the failure the attempt is about to return; the last call counts. `code` should be
     * what is returned. `retry_after_ms` 0: no wish. 2 KiB of the text are kept. */
    berth_status (*set_error)(berth_context *context, berth_status code, uint32_t retry_after_ms, const char *text,
                              size_t length);

    /* [any] valid context. */
    berth_status (*ids)(berth_context *context, berth_ids *out);

    /* [run] valid context. Small state that belongs to plugin and job and outlives runs; runs without a job share one per
     * component. Deleted with its job. Keys of 1 to 512 bytes, values up to 256 KiB, 64 MiB for a plugin.
     * kv_get: `*length` is the buffer's size before and the value's size after; BERTH_TOO_LARGE when it did not fit,
     * BERTH_NOT_FOUND when there is none. `version` may be null; it is 1 for a new key and moves with every write.
     * kv_put: `if_version` 0 writes only when the key is new, UINT64_MAX always, else only that version: BERTH_CONFLICT.
     * BERTH_OK means it is on disk. BERTH_AGAIN from either: the quota is used up or the store does not answer. */
    berth_status (*kv_get)(berth_context *context, const char *key, size_t key_length, void *buffer, size_t *length,
                           uint64_t *version);
    berth_status (*kv_put)(berth_context *context, const char *key, size_t key_length, const void *value,
                           size_t length, uint64_t if_version);

    /* [any] any time. "name/revision"; null when this host has no such extension. Lives until the process ends. */
    const void *(*extension)(const char *id);
} berth_host;

/* ---- extensions of the host ------------------------------------------------------------------------------------ */

/* What extension("berth.secret/1") gives when the operator has secrets for this plugin, else null. */
#define BERTH_EXTENSION_SECRET "berth.secret/1"

typedef struct berth_secret {
    uint32_t struct_size;
    uint32_t reserved;

    /* [any] any time. `*length` is the buffer's size before and the secret's size after; BERTH_TOO_LARGE when it did not
     * fit, BERTH_NOT_FOUND when the operator gave none of that name. */
    berth_status (*get)(const char *name, size_t name_length, void *buffer, size_t *length);
} berth_secret;

/* What extension("berth.metrics/1") gives. */
#define BERTH_EXTENSION_METRICS "berth.metrics/1"

/* Numbers of one attempt, kept with it and shown beside it once it has ended by itself. Names are [a-z][a-z0-9_.]{0,63};
 * an attempt has up to 32: BERTH_TOO_LARGE beyond, BERTH_BAD_CALL for any other name. */
typedef struct berth_metrics {
    uint32_t struct_size;
    uint32_t reserved;

    /* [any] valid context. Counts: begins at 0, ends at what an int64_t can hold. */
    berth_status (*add)(berth_context *context, const char *name, size_t length, int64_t more);

    /* [any] valid context. Replaces. */
    berth_status (*set)(berth_context *context, const char *name, size_t length, int64_t value);
} berth_metrics;

/* ---- what the plugin gives: components -------------------------------------------------------------------------- */

#define BERTH_STAGE_SINGLE 0u /* do all of it: no children can be made                                          */
#define BERTH_STAGE_ROOT 1u   /* do all of it, or emit children: with any, REDUCE follows when all have ended */
#define BERTH_STAGE_CHILD 2u  /* one of those children                                                        */
#define BERTH_STAGE_REDUCE 3u /* the run that emitted them goes on; what ROOT gave out is forgotten           */

/* What a processor is to work on; borrowed until run returns. */
typedef struct berth_input {
    uint32_t struct_size;
    uint32_t stage;
    const void *params; /* JSON of the run, or of the child */
    size_t params_length;
    uint64_t child_index; /* of a child run, else 0 */
    uint64_t child_count; /* in the reduce stage, else 0 */
} berth_input;

/* A handler: one call per attempt, no state of its own. For short work at a high rate.
 * Only `execute` is obligatory. */
typedef struct berth_handler {
    uint32_t struct_size;
    uint32_t reserved;

    /* [run] `params` (JSON) is borrowed until return; output goes through emit. */
    berth_status (*execute)(berth_context *context, const void *params, size_t length);
} berth_handler;

/* A processor: init, run, destroy around each attempt; stop may arrive during run.
 * Only `run` is obligatory. `self` belongs to the plugin from a successful init to destroy. */
typedef struct berth_processor {
    uint32_t struct_size;
    uint32_t reserved;

    /* [run] before run. `params` is borrowed until return. Not BERTH_OK ends the attempt; destroy is then not called. */
    berth_status (*init)(berth_context *context, const void *params, size_t length, void **self);

    /* [run] once, after a successful init. `input` is borrowed until return. */
    berth_status (*run)(berth_context *context, void *self, const berth_input *input);

    /* [callback] between init's and destroy's calls, possibly before or after run and more than once. `reason` is
     * BERTH_STOP_…; must make run return soon, must not free self. */
    void (*stop)(void *self, int32_t reason);

    /* [run] exactly once for every successful init, after run returned. Frees self. */
    void (*destroy)(void *self);
} berth_processor;

typedef struct berth_runner_status {
    uint32_t struct_size; /* set by the host */
    int32_t phase;        /* the runner's own */
    uint64_t done;
    uint64_t total;
} berth_runner_status;

/* A runner: wraps long or outside work, such as a program. parse_args, set_timeout, execute, result, cleanup in this
 * order for each attempt; stop and kill may arrive during execute.
 * Only `execute` is obligatory. `self` belongs to the plugin from a successful parse_args to cleanup. */
typedef struct berth_runner {
    uint32_t struct_size;
    uint32_t reserved;

    /* [run] `params` is borrowed until return. Not BERTH_OK ends the attempt; cleanup is then not called. */
    berth_status (*parse_args)(berth_context *context, const void *params, size_t length, void **self);

    /* [run] does the work. */
    berth_status (*execute)(berth_context *context, void *self);

    /* [callback] during execute. Ask the work to end. */
    berth_status (*stop)(void *self, int32_t reason);

    /* [callback] during execute, at the last call. End the work by force; signals to the guest follow. */
    berth_status (*kill)(void *self);

    /* Null, or [callback] during execute: fill in `out` up to its struct_size. `berth plugin check` calls it and no host
     * does yet: what people are to see goes through `progress`. */
    berth_status (*status)(void *self, berth_runner_status *out);

    /* [run] after a successful execute. Emit what is to be kept. */
    berth_status (*result)(berth_context *context, void *self);

    /* [run] before execute, when there is a limit. Milliseconds from now. */
    berth_status (*set_timeout)(void *self, uint64_t ms);

    /* [run] exactly once for every successful parse_args, also after a failed execute; not when the process is killed.
     * Frees self. */
    void (*cleanup)(void *self);
} berth_runner;

#define BERTH_KIND_PROCESSOR 1u
#define BERTH_KIND_RUNNER 2u
#define BERTH_KIND_HANDLER 3u

/* CONCURRENT: up to max_concurrency attempts in one process, each on a thread and, but for handlers, with a `self` of its
 * own. SELF_CONCURRENT: a host may give several of them one `self`; this one never does. SAME_THREAD: one attempt at a
 * time, whatever else is said, and neither stop nor kill is called, which would be another thread: look at cancel_state. */
#define BERTH_FLAG_CONCURRENT (1ull << 0)      /* attempts may overlap in one process                           */
#define BERTH_FLAG_SELF_CONCURRENT (1ull << 1) /* calls on one instance may overlap                             */
#define BERTH_FLAG_SAME_THREAD (1ull << 2)     /* every call on the thread that loaded the plugin               */
#define BERTH_FLAG_NOT_REPEATABLE (1ull << 3)  /* an attempt with unknown end must not be repeated unasked      */
#define BERTH_FLAG_COOPERATIVE (1ull << 4)     /* looks for cancellation often enough to end within its grace   */
#define BERTH_FLAG_PURE (1ull << 5)            /* same input, same output; touches nothing but the services     */
#define BERTH_FLAG_NETWORK (1ull << 6)         /* needs sockets                                                 */
#define BERTH_FLAG_SUBPROCESS (1ull << 7)      /* starts programs                                               */

/* A component. An array of these is strided by element 0's struct_size. Texts are NUL-terminated, live until the
 * process ends, and may be null where nothing is said. Zero in a limit leaves it to the host. */
typedef struct berth_component {
    uint32_t struct_size;
    uint32_t kind;  /* BERTH_KIND_… */
    const char *id; /* [a-z][a-z0-9-]{0,62}; obligatory */
    const char *version;
    const char *title;
    const char *description;
    const char *params_schema; /* JSON Schema (2020-12) */
    const char *result_type;   /* media type of the output */
    uint64_t flags;            /* BERTH_FLAG_… */
    uint32_t max_concurrency;  /* with BERTH_FLAG_CONCURRENT; 0: 16, never more than 64 */
    uint32_t default_timeout_ms;
    uint32_t grace_ms; /* between asking to stop and SIGTERM */
    uint32_t stall_ms; /* longest time without a sign of life */
    uint64_t max_input_bytes;
    uint64_t max_output_bytes;
    const void *vtable; /* berth_handler, berth_processor or berth_runner, by kind; lives until the process ends */

    /* [load] or [run]. "name/revision" of something the component offers beyond its kind; null for anything unknown.
     * The slot itself may be null. Lives until the process ends. */
    const void *(*extension)(const char *id);

    /* Of one attempt. They can only be less than the host's own; the operator's word takes the place of both. */
    uint64_t max_memory_bytes;  /* of its own: allocated and touched */
    uint64_t max_file_bytes;    /* of the longest file it writes */
    uint64_t max_scratch_bytes; /* of all that lies in its folder */
    uint64_t max_log_bytes;     /* of log lines and printed lines; those beyond are dropped and counted */
    uint32_t max_cpu_ms;        /* processor time of all threads */
    uint32_t max_open_files;    /* 16 at least */
    uint32_t max_processes;     /* threads, those of programs it starts among them; 4 at least, 2 or 3 are the host's own */
    uint32_t reserved;          /* 0 */
} berth_component;

/* ---- extensions of components ---------------------------------------------------------------------------------- */

/* What a component's extension("berth.explain/1") may give: words for codes of its own. */
#define BERTH_EXTENSION_EXPLAIN "berth.explain/1"

typedef struct berth_explain {
    uint32_t struct_size;
    uint32_t reserved;

    /* [run] after an attempt that ended with `code`, not BERTH_OK, and said nothing by set_error. NUL-terminated, 2 KiB of
     * it are kept; lives until the process ends. Null: there are no words for it. */
    const char *(*explain)(berth_status code);
} berth_explain;

/* What a plugin is. The host zeroes it and sets struct_size; the plugin fills in no more than that many bytes. */
typedef struct berth_plugin {
    uint32_t struct_size;
    uint32_t abi_version; /* BERTH_ABI_VERSION of the header it was built with */
    const char *id;       /* [a-z][a-z0-9-]{0,62}; obligatory */
    const char *version;  /* semver; obligatory */
    const char *vendor;
    const berth_component *components; /* array of component_count, strided by components[0].struct_size */
    size_t component_count;            /* 1..256 */

    /* [load] once, before the first attempt; `config` (JSON) is borrowed until return. May be null.
     * Not BERTH_OK: the plugin is not used. Not called when the host only reads the descriptor. */
    berth_status (*start)(const void *config, size_t length);

    /* [run] once, before the process ends in good order, no attempt running. May be null. */
    void (*stop)(void);
} berth_plugin;

/* The one exported function. [load] `host` and what it points to live until the process ends. Fill in `*out` and return
 * BERTH_OK; return BERTH_UNSUPPORTED for a host->abi_version whose major is not yours, and touch nothing then.
 * Called a second time in one process it must answer the same. */
BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *host, berth_plugin *out);

typedef berth_status (*berth_entry)(const berth_host *host, berth_plugin *out);

#ifdef __cplusplus
}
#endif

#endif
