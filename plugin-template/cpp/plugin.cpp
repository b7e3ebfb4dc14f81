// A Berth plugin with one handler. Everything a plugin may do is said in berth_plugin.h; berth.hpp makes it C++.
#include "berth.hpp"

// Called once for each attempt. What is emitted is the run's output; what is thrown ends the attempt with a reason.
static void hello(const berth::Context &context, const berth::Params &params) {
    context.emit("{\"greeting\":" + berth::quoted("Hello, " + params.text("name") + "!") + "}");
}

static berth_component greeting() {
    berth_component it = {};
    it.struct_size = sizeof it;
    it.kind = BERTH_KIND_HANDLER;
    it.id = "hello";
    it.title = "Greets somebody";
    it.params_schema = R"({"type":"object","required":["name"],"additionalProperties":false,
                           "properties":{"name":{"type":"string"}}})";
    it.result_type = "application/json";
    it.vtable = &berth::handler<&hello>;
    return it;
}

// More components are added here, each with an id of its own. A processor (BERTH_KIND_PROCESSOR, berth_processor) suits
// work that takes a while, a runner (BERTH_KIND_RUNNER, berth_runner) work that happens outside: wrap each of their
// functions in berth::guarded.
static const berth_component components[] = {greeting()};

// The one function the host looks for.
extern "C" BERTH_EXPORT berth_status berth_plugin_v1(const berth_host *given, berth_plugin *out) {
    if (given->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;
    berth::host = given;
    out->abi_version = BERTH_ABI_VERSION;
    out->id = "plugin-name";
    out->version = "0.1.0";
    out->components = components;
    out->component_count = sizeof components / sizeof components[0];
    return BERTH_OK;
}
