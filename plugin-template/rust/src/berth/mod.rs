//! A safe layer over berth_plugin.h. It is yours: read it, change it. `abi` repeats the header, `json` is a small JSON
//! type, `context` is what an attempt may ask of the host, `plugin` is what the host asks of the plugin.

pub mod abi;
mod context;
mod failure;
mod json;
mod plugin;

pub use context::Context;
pub use failure::Failure;
pub use json::Json;
pub use plugin::{Handler, Plugin, run};

/// The C function for a handler's `fn(&Context, &Json) -> Result<Json, Failure>`.
macro_rules! execute {
    ($function:path) => {{
        unsafe extern "C" fn entry(
            context: *mut $crate::berth::abi::Context,
            params: *const core::ffi::c_void,
            length: usize,
        ) -> i32 {
            unsafe { $crate::berth::run(context, params, length, $function) }
        }
        entry
    }};
}
pub(crate) use execute;
