/* guest_wire.h - what the host and a guest say to each other, and the page they share.
 *
 * Host and guest always come from one build. GW_LAYOUT_DIGEST names this layout: the guest sends it in HELLO and the
 * host refuses any other value; there is no negotiation. Whoever changes a byte of the layout changes the digest (a
 * test computes it and prints the new value).
 *
 * All integers are in the machine's own order: both ends run on one machine. Both ends treat the other as hostile:
 * lengths are checked before anything is read, states before anything is done.
 *
 * Descriptors of a guest: 0 /dev/null, 1 and 2 log pipes, 3 this protocol (SOCK_STREAM), 4 the control page (memfd).
 */
#ifndef GUEST_WIRE_H
#define GUEST_WIRE_H

#include <stdint.h>

#define GW_LAYOUT_DIGEST 0xf113cdd1ffc8d3bcull

#define GW_SOCKET 3
#define GW_PAGE 4

/* ---- frames ---------------------------------------------------------------------------------------------------- */

#define GW_MAGIC 0x4742u /* "BG" */
#define GW_HEADER_BYTES 24u
#define GW_BODY_LIMIT 65536u

/* Every frame starts with this header; `length` bytes of body follow. */
typedef struct gw_frame {
    uint16_t magic;
    uint8_t kind;    /* one of GW_… below */
    uint8_t flags;   /* GW_MORE */
    uint32_t length; /* bytes of body, at most GW_BODY_LIMIT */
    uint32_t slot;   /* page slot of the attempt, 0 when the frame is about the guest itself. Each has a thread of its own,
                        which runs the attempts sent to it in order; that of slot 0 loaded the plugin */
    uint32_t zero;
    uint64_t call; /* the attempt's token, never 0 for an attempt, never used twice in one guest; else 0 */
} gw_frame;

/* More pieces of this frame's payload follow in frames of the same kind and call; a body struct is only in the first. */
#define GW_MORE 1u

/* Host to guest, in this order: SETUP once, LOAD once, then RUN, CANCEL and ANSWER, then BYE. */
#define GW_SETUP 1u  /* gw_setup + paths */
#define GW_LOAD 2u   /* gw_load + path of the library + configuration (JSON) + secrets */
#define GW_RUN 3u    /* gw_run + job name + trace parent + params (payload may continue) */
#define GW_CANCEL 4u /* gw_cancel; `call` names the attempt, running or waiting in the guest's queue */
#define GW_BYE 5u    /* no body: finish what runs, stop the module, exit 0 */
#define GW_ANSWER 6u /* gw_answer + payload (may continue): what the attempt `call` waits for; also after BYE */

/* Guest to host: HELLO after SETUP, LOADED or FAILED after LOAD, then the others. */
#define GW_HELLO 65u  /* gw_hello */
#define GW_LOADED 66u /* gw_loaded + texts, then per component gw_component + texts (payload may continue) */
#define GW_FAILED 67u /* gw_failed + text: the sandbox could not be set or the library not be loaded; the guest exits */
#define GW_EMIT 68u   /* bytes of output of `call`, in order */
#define GW_LOG 69u    /* gw_log + text + fields, of `call` or of the guest when `call` is 0 */
#define GW_DONE 70u   /* gw_done + error text: the attempt `call` is over; written before the next one starts */
#define GW_CHILDREN 71u /* bytes of a row of gw_child + name + params, in order; `call` emits these children */
#define GW_ASK 72u      /* gw_ask + payload (may continue): the attempt `call` waits for an ANSWER; one at a time */

#define GW_METRICS 73u  /* a row of gw_metric + name; numbers of `call`, once, before its DONE */

/* ---- host to guest --------------------------------------------------------------------------------------------- */

/* What a sandbox is made of: bits of gw_setup.wanted and gw_hello.in_force. */
#define GW_FEATURE_NO_NEW_PRIVS 1u
#define GW_FEATURE_MDWE 2u
#define GW_FEATURE_LANDLOCK 4u
#define GW_FEATURE_SIGNAL_SCOPE 8u /* comes with LANDLOCK from ABI 6 */
#define GW_FEATURE_NET_RULES 16u   /* comes with LANDLOCK from ABI 4, unless the network is granted */
#define GW_FEATURE_SECCOMP 32u
#define GW_FEATURE_STRICT_CALLS 64u    /* SECCOMP lets fewer calls pass */
#define GW_FEATURE_NAMED_REFUSALS 128u /* SECCOMP tells the host of calls it refuses: HELLO carries its listener */
#define GW_FEATURE_CAPABILITIES 256u   /* root keeps those for files alone */
#define GW_FEATURE_NO_DUMP 512u
/* Made by the host, which says so in `wanted`; the guest repeats them. */
#define GW_FEATURE_PRIVATE_NETWORK 1024u
#define GW_FEATURE_PRIVATE_PIDS 2048u
#define GW_FEATURE_PRIVATE_USERS 4096u
/* Instead of the others: nothing is refused, and the host hears of all that a sandbox would refuse. */
#define GW_FEATURE_LEARN 8192u

#define GW_GRANT_NETWORK 1u
#define GW_GRANT_SUBPROCESS 2u

/* What the guest does to itself before it loads anything. 0 in a limit means: leave as it is.
 * Followed by `path_count` entries: one byte of GW_ACCESS_… bits, then the path with its terminating NUL. */
typedef struct gw_setup {
    uint32_t wanted; /* GW_FEATURE_… */
    uint32_t grants;
    uint64_t memory_bytes;    /* RLIMIT_DATA */
    uint64_t file_bytes;      /* RLIMIT_FSIZE */
    uint32_t open_files;      /* RLIMIT_NOFILE */
    uint32_t landlock_cap;    /* highest Landlock ABI to use; 0 = what the kernel has */
    uint32_t lacks;           /* GW_FEATURE_… to take for missing in this kernel, for tests */
    uint32_t path_count;
} gw_setup;

#define GW_ACCESS_READ 1u
#define GW_ACCESS_WRITE 2u
#define GW_ACCESS_EXECUTE 4u
#define GW_ACCESS_DIRECT 8u /* refused when a symbolic link is on the way */

#define GW_LOAD_PROBE 1u /* read the descriptor only: the plugin's start is not called, no attempt will come */

typedef struct gw_load {
    uint32_t path_length;
    uint32_t configuration_length;
    uint32_t secrets_length; /* of all gw_secret with their texts */
    uint32_t flags;          /* GW_LOAD_… */
} gw_load;

/* Followed by the name and the value. No padding between. */
typedef struct gw_secret {
    uint32_t name_length;
    uint32_t value_length;
} gw_secret;

typedef struct gw_run {
    uint32_t component; /* index in the descriptor's order */
    uint32_t stage;     /* BERTH_STAGE_… */
    uint64_t run;
    uint64_t root_run;
    uint64_t limit_ns; /* from the start of the attempt; 0 = no limit */
    uint32_t start_number;
    uint32_t grace_ms;
    uint32_t output_limit; /* bytes `emit` may take in all */
    uint32_t job_length;   /* job name, may be 0 */
    uint32_t trace_length; /* W3C traceparent, may be 0 */
    uint32_t params_length; /* whole length of the params, in this frame and those that continue it */
    uint64_t child_index;   /* of a child run, else 0 */
    uint64_t child_count;   /* in the reduce stage, else 0 */
    uint32_t flags;         /* GW_RUN_… */
    uint32_t zero;
} gw_run;

/* Others may run beside it, in other slots: what it prints gets no boundary record, and the scratch folder is the host's
 * to empty, when no attempt is left. */
#define GW_RUN_SHARED 1u

typedef struct gw_answer {
    int32_t status; /* berth_status of the service that asked */
    uint32_t payload_length; /* whole length, in this frame and those that continue it */
    uint64_t number; /* RESULTS: 0; GET and PUT: the version; EXTEND: the new limit in ns from the start, 0 = none */
} gw_answer;

/* The payload of an answer to RESULTS is a row of these, each followed by `length` bytes. */
typedef struct gw_result {
    int32_t status; /* berth_status of the child */
    uint32_t length;
} gw_result;

#define GW_CANCEL_ASK 1u
#define GW_CANCEL_LAST_CALL 2u

typedef struct gw_cancel {
    uint32_t level;  /* GW_CANCEL_… */
    int32_t reason; /* BERTH_STOP_… as the plugin sees it */
} gw_cancel;

/* ---- guest to host --------------------------------------------------------------------------------------------- */

typedef struct gw_hello {
    uint64_t layout; /* GW_LAYOUT_DIGEST */
    uint32_t in_force; /* GW_FEATURE_… */
    uint32_t landlock_abi; /* 0 = none */
    uint32_t setup_ns;     /* what entering the sandbox took */
    uint32_t zero;
} gw_hello;

#define GW_DESCRIPTOR_LIMIT (1u << 20) /* bytes of a whole LOADED payload */
#define GW_COMPONENT_LIMIT 256u

/* Followed by id, version, vendor; then `component_count` times gw_component with its texts. No padding between. */
typedef struct gw_loaded {
    uint32_t component_count;
    uint32_t id_length;
    uint32_t version_length;
    uint32_t vendor_length;
    uint32_t abi_version; /* what the plugin was built for */
    uint32_t zero;
} gw_loaded;

/* Followed by id, version, title, description, params schema, result type. */
typedef struct gw_component {
    uint64_t flags; /* BERTH_… component flags as given */
    uint64_t max_input_bytes;
    uint64_t max_output_bytes;
    uint64_t max_memory_bytes;
    uint64_t max_file_bytes;
    uint64_t max_scratch_bytes;
    uint64_t max_log_bytes;
    uint32_t max_cpu_ms;
    uint32_t max_open_files;
    uint32_t max_processes;
    uint32_t kind;
    uint32_t max_concurrency;
    uint32_t default_timeout_ms;
    uint32_t grace_ms;
    uint32_t stall_ms;
    uint32_t id_length;
    uint32_t version_length;
    uint32_t title_length;
    uint32_t description_length;
    uint32_t schema_length;
    uint32_t result_type_length;
} gw_component;

/* Where a guest failed before it could run anything. */
#define GW_STAGE_SANDBOX 1u
#define GW_STAGE_OPEN 2u       /* dlopen; the text is the loader's */
#define GW_STAGE_ENTRY 3u      /* no entry symbol */
#define GW_STAGE_REFUSED 4u    /* the entry returned a code */
#define GW_STAGE_DESCRIPTOR 5u /* the descriptor breaks the contract */
#define GW_STAGE_START 6u      /* module start returned a code */

typedef struct gw_failed {
    uint32_t stage;
    int32_t code;
} gw_failed;

typedef struct gw_log {
    uint64_t unix_ns;
    int32_t level;        /* BERTH_LOG_… */
    uint32_t text_length; /* then the fields as one JSON-free list: key NUL value NUL … to the end of the body */
} gw_log;

typedef struct gw_done {
    int32_t code; /* berth_status of the attempt, judged by range */
    uint32_t retry_after_ms;
    uint64_t started_ns;  /* CLOCK_MONOTONIC */
    uint64_t finished_ns; /* CLOCK_MONOTONIC */
    uint64_t cpu_ns;      /* of the run thread during the attempt */
    uint64_t output_length;
    uint32_t error_length; /* at most 2048 */
    uint32_t dropped_logs; /* LOG frames not sent because the attempt logged too much */
    uint32_t child_count;  /* children in the CHILDREN frames of this attempt */
    uint32_t exhausted;    /* GW_EXHAUSTED_… */
} gw_done;

/* What was used up when the attempt ended. */
#define GW_EXHAUSTED_DESCRIPTORS 1u
#define GW_EXHAUSTED_OUTPUT 2u
#define GW_EXHAUSTED_MEMORY 4u /* the kernel refuses it a MiB more */
/* The last error of a call of the attempt's thread. */
#define GW_REFUSED_MEMORY 8u
#define GW_REFUSED_FILE_SIZE 16u
#define GW_REFUSED_DESCRIPTORS 32u

#define GW_CHILDREN_PER_CALL 1000u
#define GW_CHILDREN_LIMIT 100000u           /* of one attempt */
#define GW_CHILD_PARAMS_LIMIT 65536u        /* bytes */
#define GW_CHILD_NAME_LIMIT 120u            /* bytes */
#define GW_CHILDREN_BYTES_LIMIT (64u << 20) /* of all CHILDREN frames of one attempt */

/* Followed by the name and the params. No padding between. */
typedef struct gw_child {
    uint32_t name_length;
    uint32_t params_length;
} gw_child;

#define GW_METRICS_LIMIT 32u     /* of one attempt */
#define GW_METRIC_NAME_LIMIT 64u /* bytes */

/* Followed by the name. No padding between. */
typedef struct gw_metric {
    int64_t value;
    uint32_t name_length;
    uint32_t zero;
} gw_metric;

#define GW_ASK_RESULTS 1u /* results of children, the first of them with index `number`; no payload */
#define GW_ASK_GET 2u     /* payload: key */
#define GW_ASK_PUT 3u     /* payload: key, then value; `number` is if_version */
#define GW_ASK_EXTEND 4u  /* `number` more milliseconds; no payload */

#define GW_KEY_LIMIT 512u            /* bytes */
#define GW_VALUE_LIMIT (256u << 10)  /* bytes */

typedef struct gw_ask {
    uint32_t what; /* GW_ASK_… */
    uint32_t key_length;
    uint32_t payload_length; /* whole length, in this frame and those that continue it */
    uint32_t zero;
    uint64_t number;
} gw_ask;

/* ---- the control page ------------------------------------------------------------------------------------------ */

/* One memfd per guest: GW_SLOTS slots. The guest writes all but `cancel`. The plugin shares the guest's memory and can
 * scribble here: for the host these are hints for people, never lengths or states it relies on. */
#define GW_SLOTS 64u
#define GW_SLOT_BYTES 512u
#define GW_PAGE_BYTES (GW_SLOTS * GW_SLOT_BYTES)
#define GW_BREADCRUMB_BYTES 120u
#define GW_NOTE_BYTES 200u

typedef struct gw_slot {
    uint64_t call;         /* attempt that runs here, 0 = none */
    uint64_t cancel;       /* host: call * 4 + level */
    uint64_t heartbeat_ns; /* CLOCK_MONOTONIC, 0 = none yet */
    uint64_t progress_done;
    uint64_t progress_total; /* 0 = unknown */
    uint32_t phase;          /* which call into the plugin: GW_PHASE_… */
    uint32_t breadcrumb_length;
    uint32_t note_length;
    uint32_t signal; /* in slot 0: what the first process of a pid namespace ended of, with GW_SIGNAL_FROM_WITHIN */
    char breadcrumb[GW_BREADCRUMB_BYTES];
    char note[GW_NOTE_BYTES];
    uint8_t reserved[GW_SLOT_BYTES - 56 - GW_BREADCRUMB_BYTES - GW_NOTE_BYTES];
} gw_slot;

#define GW_SIGNAL_FROM_WITHIN 0x80000000u /* it, or what it started, sent the signal */

#define GW_PHASE_IDLE 0u
#define GW_PHASE_INIT 1u /* init or parse_args */
#define GW_PHASE_RUN 2u  /* run or execute */
#define GW_PHASE_RESULT 3u
#define GW_PHASE_DESTROY 4u /* destroy or cleanup */

/* Before DONE of an attempt that runs alone the guest writes this record, the nonce, a space, the call of the attempt as 16 lower-case hex digits,
 * and a line feed into each log pipe that still holds unread bytes. All of those belong to that attempt, or stand before
 * an earlier one's record; an unfinished line may stand right before the record. The nonce is given in the environment
 * as BERTH_BOUNDARY (32 hex digits), which the guest reads and removes before it loads anything. */
#define GW_BOUNDARY_PREFIX "\x1e" "berth "

#endif
