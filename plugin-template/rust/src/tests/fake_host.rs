// A host for unit tests: runs components as Berth's guest would, and keeps what they say. Part of src/tests.rs.

use super::abi::{Component, Context, HandlerTable, Host, Plugin, UNSUPPORTED, VERSION};
use core::ffi::{CStr, c_char, c_void};
use std::cell::RefCell;
use std::sync::OnceLock;

/// One attempt, and what the component did in it.
#[derive(Default)]
pub struct Attempt {
    pub code: i32,
    pub output: String,
    pub error: String,
    pub logs: Vec<String>,
}

thread_local! {
    /// The attempt of this thread: the fake context needs no more than that.
    static CURRENT: RefCell<Attempt> = RefCell::default();
}

impl Attempt {
    /// Runs the handler with that id in full.
    pub fn run(id: &str, params: &str) -> Attempt {
        let component = components().iter().find(|it| unsafe { CStr::from_ptr(it.id) }.to_str() == Ok(id));
        let table = unsafe { &*component.expect("no such component").vtable.cast::<HandlerTable>() };
        Attempt::of(|context, params, length| unsafe { (table.execute)(context, params, length) }, params)
    }

    /// What `call` does in one attempt.
    pub fn of(call: impl Fn(*mut Context, *const c_void, usize) -> i32, params: &str) -> Attempt {
        components();
        CURRENT.with(|it| *it.borrow_mut() = Attempt::default());
        let code = call(std::ptr::dangling_mut(), params.as_ptr().cast(), params.len());
        let attempt = CURRENT.with(|it| it.take());
        Attempt { code, ..attempt }
    }
}

/// What the entry tells this host, as every host hears it.
fn components() -> &'static [Component] {
    struct Told(&'static [Component]);
    unsafe impl Send for Told {}
    unsafe impl Sync for Told {}
    static TOLD: OnceLock<Told> = OnceLock::new();
    TOLD.get_or_init(|| {
        let mut plugin: Plugin = unsafe { std::mem::zeroed() };
        plugin.struct_size = size_of::<Plugin>() as u32;
        assert_eq!(unsafe { super::berth_plugin_v1(&HOST.0, &mut plugin) }, 0);
        Told(unsafe { std::slice::from_raw_parts(plugin.components, plugin.component_count) })
    })
    .0
}

fn text(start: *const c_char, length: usize) -> String {
    let bytes = if length == 0 { &[] } else { unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length) } };
    String::from_utf8_lossy(bytes).into_owned()
}

struct Table(Host);
unsafe impl Sync for Table {}

static HOST: Table = Table(Host {
    struct_size: size_of::<Host>() as u32,
    abi_version: VERSION,
    name: c"fake".as_ptr(),
    version: c"0.0.0".as_ptr(),
    log,
    cancel_state: zero,
    cancel_descriptor: minus_one,
    on_cancel,
    deadline_ns: never,
    monotonic_ns: start_of_time,
    unix_ns: start_of_time,
    heartbeat: nothing,
    extend,
    progress,
    breadcrumb,
    emit,
    emit_children,
    next_result,
    set_error,
    ids,
    kv_get,
    kv_put,
    extension,
});

unsafe extern "C" fn log(_: *mut Context, _: i32, start: *const c_char, length: usize, _: *const super::abi::Field, _: usize) {
    CURRENT.with(|it| it.borrow_mut().logs.push(text(start, length)));
}
unsafe extern "C" fn zero(_: *mut Context) -> i32 {
    0
}
unsafe extern "C" fn minus_one(_: *mut Context) -> i32 {
    -1
}
unsafe extern "C" fn on_cancel(_: *mut Context, _: Option<unsafe extern "C" fn(*mut c_void, i32)>, _: *mut c_void) -> i32 {
    0
}
unsafe extern "C" fn never(_: *mut Context) -> i64 {
    i64::MAX
}
unsafe extern "C" fn start_of_time() -> i64 {
    0
}
unsafe extern "C" fn nothing(_: *mut Context) {}
unsafe extern "C" fn extend(_: *mut Context, _: u32) -> i32 {
    UNSUPPORTED
}
unsafe extern "C" fn progress(_: *mut Context, _: u64, _: u64, _: *const c_char, _: usize) {}
unsafe extern "C" fn breadcrumb(_: *mut Context, _: *const c_char, _: usize) {}
unsafe extern "C" fn emit(_: *mut Context, bytes: *const c_void, length: usize, _: u32) -> i32 {
    CURRENT.with(|it| it.borrow_mut().output.push_str(&text(bytes.cast(), length)));
    0
}
unsafe extern "C" fn emit_children(_: *mut Context, _: *const c_void, _: usize) -> i32 {
    UNSUPPORTED
}
unsafe extern "C" fn next_result(_: *mut Context, _: *mut *const c_void, _: *mut usize, _: *mut i32) -> i32 {
    UNSUPPORTED
}
unsafe extern "C" fn set_error(_: *mut Context, _: i32, _: u32, start: *const c_char, length: usize) -> i32 {
    CURRENT.with(|it| it.borrow_mut().error = text(start, length));
    0
}
unsafe extern "C" fn ids(_: *mut Context, _: *mut super::abi::Ids) -> i32 {
    UNSUPPORTED
}
unsafe extern "C" fn kv_get(_: *mut Context, _: *const c_char, _: usize, _: *mut c_void, _: *mut usize, _: *mut u64) -> i32 {
    UNSUPPORTED
}
unsafe extern "C" fn kv_put(_: *mut Context, _: *const c_char, _: usize, _: *const c_void, _: usize, _: u64) -> i32 {
    UNSUPPORTED
}
unsafe extern "C" fn extension(_: *const c_char) -> *const c_void {
    std::ptr::null()
}
