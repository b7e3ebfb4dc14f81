use super::{Context, Failure, Json, abi};
use core::ffi::{CStr, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

/// One handler: one call per attempt.
pub struct Handler {
    /// `[a-z][a-z0-9-]{0,62}`
    pub id: &'static CStr,
    pub title: &'static CStr,
    /// JSON Schema (2020-12).
    pub params_schema: &'static CStr,
    /// Media type of the output.
    pub result_type: &'static CStr,
    /// `abi::FLAG_…`
    pub flags: u64,
    /// `berth::execute!(function)`
    pub execute: abi::Execute,
}

/// What a plugin is.
pub struct Plugin {
    /// `[a-z][a-z0-9-]{0,62}`
    pub id: &'static CStr,
    /// Semantic version.
    pub version: &'static CStr,
    pub handlers: &'static [Handler],
}

/// What the host reads; it lives until the process ends.
struct Answer {
    host: &'static abi::Host,
    components: Vec<abi::Component>,
}

// The pointers in it lead to statics and to memory that is never freed, and nobody writes to either.
unsafe impl Send for Answer {}
unsafe impl Sync for Answer {}

static ANSWER: OnceLock<Answer> = OnceLock::new();

impl Plugin {
    /// What the entry function returns.
    ///
    /// # Safety
    /// `host` and `out` must be what the host gave to the entry.
    pub unsafe fn answer(&'static self, host: *const abi::Host, out: *mut abi::Plugin) -> i32 {
        let (Some(host), Some(out)) = (unsafe { host.as_ref() }, unsafe { out.as_mut() }) else {
            return abi::UNSUPPORTED;
        };
        if host.abi_version >> 16 != abi::MAJOR {
            return abi::UNSUPPORTED;
        }
        let components = || self.handlers.iter().map(Handler::describe).collect();
        let answer = ANSWER.get_or_init(|| Answer { host, components: components() });
        out.abi_version = abi::VERSION;
        out.id = self.id.as_ptr();
        out.version = self.version.as_ptr();
        out.components = answer.components.as_ptr();
        out.component_count = answer.components.len();
        abi::OK
    }
}

impl Handler {
    fn describe(&self) -> abi::Component {
        let table = Box::leak(Box::new(abi::HandlerTable {
            struct_size: size_of::<abi::HandlerTable>() as u32,
            reserved: 0,
            execute: self.execute,
        }));
        let text = |text: &CStr| -> *const c_char { if text.is_empty() { std::ptr::null() } else { text.as_ptr() } };
        abi::Component {
            struct_size: size_of::<abi::Component>() as u32,
            kind: abi::KIND_HANDLER,
            id: self.id.as_ptr(),
            version: std::ptr::null(),
            title: text(self.title),
            description: std::ptr::null(),
            params_schema: text(self.params_schema),
            result_type: text(self.result_type),
            flags: self.flags,
            max_concurrency: 0,
            default_timeout_ms: 0,
            grace_ms: 0,
            stall_ms: 0,
            max_input_bytes: 0,
            max_output_bytes: 0,
            vtable: (table as *const abi::HandlerTable).cast(),
            extension: None,
            max_memory_bytes: 0,
            max_file_bytes: 0,
            max_scratch_bytes: 0,
            max_log_bytes: 0,
            max_cpu_ms: 0,
            max_open_files: 0,
            max_processes: 0,
            reserved: 0,
        }
    }
}

/// One call of the host. Nothing unwinds out of it: a panic is a permanent failure with its message as the reason.
///
/// # Safety
/// To be called by the host alone, through `execute!`.
pub unsafe fn run(
    handle: *mut abi::Context,
    params: *const c_void,
    length: usize,
    body: fn(&Context, &Json) -> Result<Json, Failure>,
) -> i32 {
    let Some(answer) = ANSWER.get() else { return abi::FAIL };
    let context = Context::new(answer.host, handle);
    let bytes = if length == 0 { &[] } else { unsafe { std::slice::from_raw_parts(params.cast::<u8>(), length) } };
    let attempt = || -> Result<(), Failure> {
        let params = Json::parse(bytes).map_err(|reason| Failure::params(format!("the params are not JSON: {reason}")))?;
        match body(&context, &params)? {
            Json::Null => Ok(()),
            value => context.emit(value.to_string().as_bytes()),
        }
    };
    match catch_unwind(AssertUnwindSafe(attempt)) {
        Ok(Ok(())) => abi::OK,
        Ok(Err(failure)) => context.report(&failure),
        Err(panic) => context.report(&Failure::permanent(format!("panicked: {}", words(&*panic)))),
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}
