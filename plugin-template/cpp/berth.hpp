// A thin C++ layer over berth_plugin.h: failures are exceptions, and every exception stops at the boundary.
#ifndef BERTH_HPP
#define BERTH_HPP

#include "berth_plugin.h"
#include "json.h"

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace berth {

// The services of the host; set by the entry before anything else.
inline const berth_host *host = nullptr;

// How an attempt ends when it does not succeed. Any other exception counts as permanent, with its what() as the reason.
class Failure : public std::exception {
public:
    Failure(berth_status code, std::string reason, std::uint32_t retry_after_ms = 0)
        : code(code), retry_after_ms(retry_after_ms), reason(std::move(reason)) {}

    // Another attempt may succeed; `after_ms` says when, 0 leaves it to the host.
    static Failure retryable(std::string reason, std::uint32_t after_ms = 0) {
        return {BERTH_RETRY, std::move(reason), after_ms};
    }
    // The same input fails again.
    static Failure permanent(std::string reason) { return {BERTH_FAIL, std::move(reason)}; }
    // The params are wrong.
    static Failure params(std::string reason) { return {BERTH_FAIL_PARAMS, std::move(reason)}; }

    const char *what() const noexcept override { return reason.c_str(); }

    berth_status code;
    std::uint32_t retry_after_ms;
    std::string reason;
};

// The params of an attempt: a JSON object.
class Params {
public:
    Params(const void *bytes, std::size_t length) {
        if (!json_parse(bytes, length, &root) || root.kind != JSON_OBJECT)
            throw Failure::params("the params are no JSON object");
    }

    std::optional<std::string> optional_text(const char *name) const {
        json_value value = json_member(root, name);
        if (value.kind == JSON_NONE || value.kind == JSON_NULL) return std::nullopt;
        std::unique_ptr<char, decltype(&std::free)> text(json_text(value), &std::free);
        if (!text) throw Failure::params(wrong(name, value, "a text"));
        return std::string(text.get());
    }

    std::string text(const char *name) const {
        if (auto text = optional_text(name)) return *text;
        throw Failure::params("\"" + std::string(name) + "\" is missing: a text");
    }

    std::optional<std::int64_t> optional_integer(const char *name) const {
        json_value value = json_member(root, name);
        if (value.kind == JSON_NONE || value.kind == JSON_NULL) return std::nullopt;
        std::int64_t number = 0;
        if (!json_integer(value, &number)) throw Failure::params(wrong(name, value, "a whole number"));
        return number;
    }

    // The whole, for json.h.
    json_value root;

private:
    static std::string wrong(const char *name, json_value value, const char *wanted) {
        std::string shown(value.text, value.length < 80 ? value.length : 80);
        return "\"" + std::string(name) + "\" is " + shown + ", but must be " + wanted;
    }
};

// `text` as a JSON string, with its quotes.
inline std::string quoted(std::string_view text) {
    json_writer out = {};
    json_put_string(&out, text.data(), text.size());
    if (out.failed) {
        json_writer_free(&out);
        throw std::bad_alloc();
    }
    std::string result(out.bytes, out.length);
    json_writer_free(&out);
    return result;
}

// One attempt's connection to the host; valid until the call that received it returns. What is missing here is
// reached with `host` and `handle`.
class Context {
public:
    explicit Context(berth_context *handle) : handle(handle) {}

    void log(std::string_view text, std::int32_t level = BERTH_LOG_INFO) const {
        host->log(handle, level, text.data(), text.size(), nullptr, 0);
    }
    void progress(std::uint64_t done, std::uint64_t total = 0, std::string_view note = {}) const {
        host->progress(handle, done, total, note.data(), note.size());
    }
    // Shown when the process dies.
    void breadcrumb(std::string_view text) const { host->breadcrumb(handle, text.data(), text.size()); }

    // Appends to the run's output.
    void emit(std::string_view bytes) const {
        berth_status status = host->emit(handle, bytes.data(), bytes.size(), 0);
        if (status == BERTH_TOO_LARGE) throw Failure::permanent("the output is larger than the limit allows");
        if (status != BERTH_OK) throw Failure::permanent("the host refused the output");
    }

    // Throws once somebody asked the attempt to end, or its time is over. Long work calls it now and then.
    void check_cancellation() const {
        if (host->cancel_state(handle) == BERTH_RUN_ON) return;
        if (host->monotonic_ns() < host->deadline_ns(handle)) throw Failure(BERTH_CANCELLED, "cancelled");
        throw Failure(BERTH_TIMED_OUT, "the time limit passed");
    }

    berth_context *handle;

    // Tells the host why, and answers the code to return.
    berth_status report(berth_status code, std::uint32_t retry_after_ms, std::string_view reason) const noexcept {
        host->set_error(handle, code, retry_after_ms, reason.data(), reason.size());
        return code;
    }
};

// The boundary: runs `body`, and turns whatever it throws into a code and a reason.
template <typename Body> berth_status guarded(berth_context *handle, Body body) noexcept {
    Context context(handle);
    try {
        body(context);
        return BERTH_OK;
    } catch (const Failure &failure) {
        return context.report(failure.code, failure.retry_after_ms, failure.reason);
    } catch (const std::bad_alloc &) {
        return context.report(BERTH_RETRY, 0, "memory ran short");
    } catch (const std::exception &error) {
        return context.report(BERTH_FAIL, 0, error.what());
    } catch (...) {
        return context.report(BERTH_FAIL, 0, "something that is no std::exception was thrown");
    }
}

// A handler out of a function: handler<&hello>.
template <void (*execute)(const Context &, const Params &)>
inline constexpr berth_handler handler = {
    sizeof(berth_handler), 0, [](berth_context *context, const void *params, std::size_t length) -> berth_status {
        return guarded(context, [&](const Context &it) { execute(it, Params(params, length)); });
    }};

} // namespace berth

#endif
