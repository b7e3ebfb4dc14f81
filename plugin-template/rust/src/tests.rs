//! Unit tests against a fake host.

use crate::berth::{Context, Failure, Json, abi, run};
use crate::berth_plugin_v1;
use fake_host::Attempt;

mod fake_host;

#[test]
fn hello_greets_by_name() {
    let attempt = Attempt::run("hello", r#"{"name":"Ada \"L.\""}"#);
    assert_eq!(attempt.code, abi::OK);
    assert_eq!(attempt.output, r#"{"greeting":"Hello, Ada \"L.\"!"}"#);
}

#[test]
fn hello_asks_for_a_name() {
    let attempt = Attempt::run("hello", "{}");
    assert_eq!(attempt.code, abi::FAIL_PARAMS);
    assert_eq!(attempt.error, "\"name\" is missing: a text");
}

#[test]
fn a_panic_fails_the_attempt_and_not_the_process() {
    fn falls(_context: &Context, _params: &Json) -> Result<Json, Failure> {
        panic!("on purpose")
    }
    let attempt = Attempt::of(|context, params, length| unsafe { run(context, params, length, falls) }, "{}");
    assert_eq!(attempt.code, abi::FAIL);
    assert_eq!(attempt.error, "panicked: on purpose");
}

#[test]
fn bytes_that_are_not_json_are_params_errors() {
    for params in ["", "{", "{\"a\":}", "[1,]", "\"\\ud800\"", "nul", "{\"name\":\"\u{1}\"}"] {
        assert_eq!(Attempt::run("hello", params).code, abi::FAIL_PARAMS, "{params}");
    }
}
