//! A Berth plugin with one handler. Everything a plugin may do is said in berth_plugin.h; `berth` makes it Rust.

mod berth;

use berth::{Context, Failure, Handler, Json, Plugin};

#[cfg(test)]
mod tests;

/// Called once for each attempt. What is returned is the run's output; an `Err` ends the attempt with a reason, and so
/// does a panic.
fn hello(_context: &Context, params: &Json) -> Result<Json, Failure> {
    let name = params.text("name")?;
    Ok(Json::object([("greeting", Json::from(format!("Hello, {name}!")))]))
}

/// More handlers are added to the list, each with an id of its own.
static PLUGIN: Plugin = Plugin {
    id: c"plugin-name",
    version: c"0.1.0",
    handlers: &[Handler {
        id: c"hello",
        title: c"Greets somebody",
        params_schema: c"{\"type\":\"object\",\"required\":[\"name\"],\"additionalProperties\":false,\
                         \"properties\":{\"name\":{\"type\":\"string\"}}}",
        result_type: c"application/json",
        flags: 0,
        execute: berth::execute!(hello),
    }],
};

/// The one function the host looks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn berth_plugin_v1(host: *const berth::abi::Host, out: *mut berth::abi::Plugin) -> i32 {
    unsafe { PLUGIN.answer(host, out) }
}
