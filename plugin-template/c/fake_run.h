/* Runs components as Berth's guest would: part of fake_host.h. */
#ifndef FAKE_RUN_H
#define FAKE_RUN_H

static inline berth_status fake_process(const berth_processor *v, berth_context *c, const char *params, berth_input input) {
    input.struct_size = sizeof input;
    input.params = params;
    input.params_length = strlen(params);
    void *self = NULL;
    berth_status status = v->init ? v->init(c, params, strlen(params), &self) : BERTH_OK;
    if (status != BERTH_OK) return status;
    atomic_store(&c->self, self);
    status = v->run(c, self, &input);
    atomic_store(&c->self, NULL);
    if (v->destroy) v->destroy(self);
    return status;
}

static inline berth_status fake_work(const berth_runner *v, berth_context *c, const char *params) {
    void *self = NULL;
    berth_status status = v->parse_args ? v->parse_args(c, params, strlen(params), &self) : BERTH_OK;
    if (status != BERTH_OK) return status;
    if (v->set_timeout) v->set_timeout(self, 60000);
    atomic_store(&c->self, self);
    status = v->execute(c, self);
    atomic_store(&c->self, NULL);
    if (status == BERTH_OK && v->result) status = v->result(c, self);
    if (v->cleanup) v->cleanup(self);
    return status;
}

/* One attempt of any kind of component. */
static inline berth_status fake_run(const berth_plugin *plugin, const char *id, const char *params, berth_context *c) {
    c->component = fake_find(plugin, id);
    switch (c->component->kind) {
    case BERTH_KIND_HANDLER:
        return ((const berth_handler *)c->component->vtable)->execute(c, params, strlen(params));
    case BERTH_KIND_PROCESSOR: return fake_process(c->component->vtable, c, params, (berth_input){.stage = BERTH_STAGE_SINGLE});
    case BERTH_KIND_RUNNER: return fake_work(c->component->vtable, c, params);
    default: return BERTH_BAD_CALL;
    }
}

/* A processor in parts: the root stage, every child it emits, and the reduce stage, whose attempt `c` is left to look
 * at. The first stage that fails ends it. */
static inline berth_status fake_map_reduce(const berth_plugin *plugin, const char *id, const char *params,
                                           berth_context *c) {
    const berth_processor *v = (c->component = fake_find(plugin, id))->vtable;
    berth_status status = fake_process(v, c, params, (berth_input){.stage = BERTH_STAGE_ROOT});
    fake_part *results = calloc(c->child_count + 1, sizeof *results);
    for (size_t i = 0; status == BERTH_OK && i < c->child_count; i++) {
        struct berth_context child = fake_attempt();
        child.component = c->component;
        berth_input input = {.stage = BERTH_STAGE_CHILD, .child_index = i};
        status = fake_process(v, &child, c->children[i].bytes, input);
        results[i] = fake_copy(child.output, child.output_length);
        fake_end(&child);
    }
    c->results = results;
    c->result_count = c->child_count;
    if (status == BERTH_OK)
        status = fake_process(v, c, params, (berth_input){.stage = BERTH_STAGE_REDUCE, .child_count = c->child_count});
    for (size_t i = 0; i < c->result_count; i++) free(results[i].bytes);
    free(results);
    c->results = NULL;
    return status;
}

/* Asks the attempt to end (BERTH_STOP_ASKED) or says that time is nearly up (BERTH_LAST_CALL), from another thread. */
static inline void fake_ask(berth_context *c, int32_t state, int32_t reason) {
    atomic_store(&c->cancel_state, state);
    eventfd_write(c->cancel_descriptor, 1);
    if (c->on_cancel) c->on_cancel(c->on_cancel_user, reason);
    void *self = atomic_load(&c->self);
    if (!self) return;
    if (c->component->kind == BERTH_KIND_PROCESSOR) {
        const berth_processor *v = c->component->vtable;
        if (v->stop) v->stop(self, reason);
    } else if (c->component->kind == BERTH_KIND_RUNNER) {
        const berth_runner *v = c->component->vtable;
        if (state == BERTH_LAST_CALL && v->kill) v->kill(self);
        else if (v->stop) v->stop(self, reason);
    }
}

#endif
