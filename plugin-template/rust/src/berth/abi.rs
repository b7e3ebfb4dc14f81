//! berth_plugin.h, as Rust sees it. Names and order are the header's, which also says what each member means.
#![allow(dead_code)]

use core::ffi::{c_char, c_void};

pub const MAJOR: u32 = 1;
pub const VERSION: u32 = MAJOR << 16;

pub const OK: i32 = 0;
pub const RETRY: i32 = 1;
pub const FAIL: i32 = 100;
pub const FAIL_PARAMS: i32 = 101;
pub const FAIL_INPUT: i32 = 102;
pub const CANCELLED: i32 = 200;
pub const TIMED_OUT: i32 = 201;
pub const UNSUPPORTED: i32 = 250;
pub const TOO_LARGE: i32 = 251;
pub const NOT_FOUND: i32 = 253;
pub const CONFLICT: i32 = 254;

pub const KIND_HANDLER: u32 = 3;

pub const FLAG_CONCURRENT: u64 = 1 << 0;
pub const FLAG_NOT_REPEATABLE: u64 = 1 << 3;
pub const FLAG_COOPERATIVE: u64 = 1 << 4;
pub const FLAG_PURE: u64 = 1 << 5;
pub const FLAG_NETWORK: u64 = 1 << 6;
pub const FLAG_SUBPROCESS: u64 = 1 << 7;

/// One attempt; opaque.
#[repr(C)]
pub struct Context {
    _private: [u8; 0],
}

#[repr(C)]
pub struct Field {
    pub key: *const c_char,
    pub key_length: usize,
    pub value: *const c_char,
    pub value_length: usize,
}

#[repr(C)]
pub struct Ids {
    pub struct_size: u32,
    pub start_number: u32,
    pub run: u64,
    pub root_run: u64,
    pub job: *const c_char,
    pub job_length: usize,
    pub traceparent: *const c_char,
    pub traceparent_length: usize,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_version: u32,
    pub name: *const c_char,
    pub version: *const c_char,
    pub log: unsafe extern "C" fn(*mut Context, i32, *const c_char, usize, *const Field, usize),
    pub cancel_state: unsafe extern "C" fn(*mut Context) -> i32,
    pub cancel_descriptor: unsafe extern "C" fn(*mut Context) -> i32,
    pub on_cancel: unsafe extern "C" fn(*mut Context, Option<unsafe extern "C" fn(*mut c_void, i32)>, *mut c_void) -> i32,
    pub deadline_ns: unsafe extern "C" fn(*mut Context) -> i64,
    pub monotonic_ns: unsafe extern "C" fn() -> i64,
    pub unix_ns: unsafe extern "C" fn() -> i64,
    pub heartbeat: unsafe extern "C" fn(*mut Context),
    pub extend: unsafe extern "C" fn(*mut Context, u32) -> i32,
    pub progress: unsafe extern "C" fn(*mut Context, u64, u64, *const c_char, usize),
    pub breadcrumb: unsafe extern "C" fn(*mut Context, *const c_char, usize),
    pub emit: unsafe extern "C" fn(*mut Context, *const c_void, usize, u32) -> i32,
    pub emit_children: unsafe extern "C" fn(*mut Context, *const c_void, usize) -> i32,
    pub next_result: unsafe extern "C" fn(*mut Context, *mut *const c_void, *mut usize, *mut i32) -> i32,
    pub set_error: unsafe extern "C" fn(*mut Context, i32, u32, *const c_char, usize) -> i32,
    pub ids: unsafe extern "C" fn(*mut Context, *mut Ids) -> i32,
    pub kv_get: unsafe extern "C" fn(*mut Context, *const c_char, usize, *mut c_void, *mut usize, *mut u64) -> i32,
    pub kv_put: unsafe extern "C" fn(*mut Context, *const c_char, usize, *const c_void, usize, u64) -> i32,
    pub extension: unsafe extern "C" fn(*const c_char) -> *const c_void,
}

pub type Execute = unsafe extern "C" fn(*mut Context, *const c_void, usize) -> i32;

#[repr(C)]
pub struct HandlerTable {
    pub struct_size: u32,
    pub reserved: u32,
    pub execute: Execute,
}

#[repr(C)]
pub struct Component {
    pub struct_size: u32,
    pub kind: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub title: *const c_char,
    pub description: *const c_char,
    pub params_schema: *const c_char,
    pub result_type: *const c_char,
    pub flags: u64,
    pub max_concurrency: u32,
    pub default_timeout_ms: u32,
    pub grace_ms: u32,
    pub stall_ms: u32,
    pub max_input_bytes: u64,
    pub max_output_bytes: u64,
    pub vtable: *const c_void,
    pub extension: Option<unsafe extern "C" fn(*const c_char) -> *const c_void>,
    pub max_memory_bytes: u64,
    pub max_file_bytes: u64,
    pub max_scratch_bytes: u64,
    pub max_log_bytes: u64,
    pub max_cpu_ms: u32,
    pub max_open_files: u32,
    pub max_processes: u32,
    pub reserved: u32,
}

#[repr(C)]
pub struct Plugin {
    pub struct_size: u32,
    pub abi_version: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub vendor: *const c_char,
    pub components: *const Component,
    pub component_count: usize,
    pub start: Option<unsafe extern "C" fn(*const c_void, usize) -> i32>,
    pub stop: Option<unsafe extern "C" fn()>,
}
