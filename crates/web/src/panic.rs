//! A panic in a handler is a 500 whose cause is logged once; the next request works.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;

use crate::error_page::ErrorPages;

tokio::task_local! {
    /// Set while a request is being answered: its panics are the request log's to report.
    static ANSWERING: ();
}

thread_local! {
    /// What the last panic on this thread said and where. Read right after the unwinding,
    /// which ends on the thread where it began.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Makes panics log lines: within a request they wait for the request's own line, elsewhere
/// they are logged at once. Call it once, when the program starts.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        let text = describe(info);
        if ANSWERING.try_with(|()| ()).is_ok() {
            LAST_PANIC.set(Some(text));
        } else {
            tracing::error!("{text}");
        }
    }));
}

/// The layer: [`axum::middleware::from_fn_with_state`] with the [`ErrorPages`] that show the
/// 500.
pub async fn catch_panics(
    State(pages): State<ErrorPages>,
    request: Request,
    next: Next,
) -> Response {
    let answer = ANSWERING.scope((), next.run(request));
    if let Ok(response) = AssertUnwindSafe(answer).catch_unwind().await {
        return response;
    }
    let text = LAST_PANIC.take().unwrap_or_else(|| "a panic".to_owned());
    pages.internal_error(anyhow::Error::msg(text))
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("(no message)");
    match info.location() {
        Some(location) => format!(
            "panic at {}:{}: {message}",
            location.file(),
            location.line()
        ),
        None => format!("panic: {message}"),
    }
}
