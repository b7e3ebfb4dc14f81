use super::abi;

/// How an attempt ends when it does not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A code of the header; its range decides: 1 to 99 is tried again, 100 to 199 is not, 200 to 249 was asked for.
    pub code: i32,
    /// What was wrong, with the value, and what to do.
    pub reason: String,
    /// The wish for the next attempt, 0 for none.
    pub retry_after_ms: u32,
}

#[allow(dead_code)]
impl Failure {
    /// Another attempt may succeed.
    pub fn retryable(reason: impl Into<String>) -> Failure {
        Failure::new(abi::RETRY, reason)
    }

    /// Another attempt may succeed, and not before.
    pub fn retry_after(reason: impl Into<String>, milliseconds: u32) -> Failure {
        Failure { retry_after_ms: milliseconds, ..Failure::retryable(reason) }
    }

    /// The same input fails again.
    pub fn permanent(reason: impl Into<String>) -> Failure {
        Failure::new(abi::FAIL, reason)
    }

    /// The params are wrong.
    pub fn params(reason: impl Into<String>) -> Failure {
        Failure::new(abi::FAIL_PARAMS, reason)
    }

    pub(super) fn new(code: i32, reason: impl Into<String>) -> Failure {
        Failure { code, reason: reason.into(), retry_after_ms: 0 }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    /// Any other error is permanent, so that `?` works.
    fn from(error: E) -> Failure {
        Failure::permanent(error.to_string())
    }
}
