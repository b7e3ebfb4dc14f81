use super::{Failure, abi};
use core::ffi::c_char;
use std::marker::PhantomData;

/// One attempt's connection to the host. Lives as long as the call that received it, on its thread.
pub struct Context<'call> {
    host: &'static abi::Host,
    handle: *mut abi::Context,
    call: PhantomData<&'call ()>,
}

#[allow(dead_code)]
impl Context<'_> {
    pub(super) fn new(host: &'static abi::Host, handle: *mut abi::Context) -> Self {
        Context { host, handle, call: PhantomData }
    }

    /// A line in the run's log; 8 KiB of it are kept.
    pub fn log(&self, text: &str) {
        unsafe { (self.host.log)(self.handle, 2, start(text), text.len(), std::ptr::null(), 0) }
    }

    /// `total` 0 when unknown; 200 bytes of the note are kept.
    pub fn progress(&self, done: u64, total: u64, note: &str) {
        unsafe { (self.host.progress)(self.handle, done, total, start(note), note.len()) }
    }

    /// 120 bytes are kept, and shown when the process dies.
    pub fn breadcrumb(&self, text: &str) {
        unsafe { (self.host.breadcrumb)(self.handle, start(text), text.len()) }
    }

    /// Appends to the run's output.
    pub fn emit(&self, bytes: &[u8]) -> Result<(), Failure> {
        match unsafe { (self.host.emit)(self.handle, bytes.as_ptr().cast(), bytes.len(), 0) } {
            abi::OK => Ok(()),
            abi::TOO_LARGE => Err(Failure::permanent("the output is larger than the limit allows")),
            code => Err(Failure::permanent(format!("the host refused the output: code {code}"))),
        }
    }

    /// An `Err` once somebody asked the attempt to end, or its time is over. Long work calls it now and then.
    pub fn check_cancellation(&self) -> Result<(), Failure> {
        if unsafe { (self.host.cancel_state)(self.handle) } == 0 {
            return Ok(());
        }
        if unsafe { (self.host.monotonic_ns)() < (self.host.deadline_ns)(self.handle) } {
            return Err(Failure::new(abi::CANCELLED, "cancelled"));
        }
        Err(Failure::new(abi::TIMED_OUT, "the time limit passed"))
    }

    /// State of plugin and job that outlives runs: the value and its version, `None` when there is none.
    pub fn state(&self, key: &str) -> Result<Option<(Vec<u8>, u64)>, Failure> {
        let (mut value, mut version) = (vec![0u8; 4096], 0u64);
        loop {
            let mut length = value.len();
            let room = value.as_mut_ptr().cast();
            let code =
                unsafe { (self.host.kv_get)(self.handle, start(key), key.len(), room, &mut length, &mut version) };
            match code {
                abi::OK => {
                    value.truncate(length);
                    return Ok(Some((value, version)));
                }
                abi::NOT_FOUND => return Ok(None),
                abi::TOO_LARGE if length > value.len() => value.resize(length, 0),
                code => return Err(Failure::permanent(format!("the host did not read state: code {code}"))),
            }
        }
    }

    /// Writes state when its version is still `if_version` (0: when it is new, `u64::MAX`: always); false when not.
    pub fn set_state(&self, key: &str, value: &[u8], if_version: u64) -> Result<bool, Failure> {
        let bytes = value.as_ptr().cast();
        let code =
            unsafe { (self.host.kv_put)(self.handle, start(key), key.len(), bytes, value.len(), if_version) };
        match code {
            abi::OK => Ok(true),
            abi::CONFLICT => Ok(false),
            code => Err(Failure::permanent(format!("the host did not keep state: code {code}"))),
        }
    }

    /// Tells the host why, and answers the code to return.
    pub(super) fn report(&self, failure: &Failure) -> i32 {
        let (code, text) = (failure.code, &failure.reason);
        unsafe { (self.host.set_error)(self.handle, code, failure.retry_after_ms, start(text), text.len()) };
        code
    }
}

fn start(text: &str) -> *const c_char {
    text.as_ptr().cast()
}
