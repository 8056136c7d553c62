//! A panic in a handler is a 500 whose cause is logged once; the next request works.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use telemetry::report::{Panic, WantsStack, panic_outside_of_requests};

use crate::error_page::{ErrorPages, ErrorPreferences};

tokio::task_local! {
    /// Set while a request is answered: the request log then reports its panics.
    static ANSWERING: ();
}

thread_local! {
    /// The last panic on this thread. Read right after the unwinding, which ends on the thread
    /// where it began.
    static LAST_PANIC: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// The panic that led to an answer, for the log and the report of it.
#[derive(Debug, Clone)]
pub struct CaughtPanic(pub Arc<Panic>);

/// Installs the hook that logs and reports panics. A panic within a request is reported with that
/// request, any other one at once. Call it once, when the program starts.
pub fn install_hook(wants_stack: WantsStack) {
    std::panic::set_hook(Box::new(move |info| {
        let panic = Panic::new(info, wants_stack);
        if ANSWERING.try_with(|()| ()).is_ok() {
            LAST_PANIC.set(Some(panic));
        } else {
            panic_outside_of_requests(&panic);
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
    let preferences = ErrorPreferences::of(&request);
    let answer = ANSWERING.scope((), next.run(request));
    if let Ok(response) = AssertUnwindSafe(answer).catch_unwind().await {
        return response;
    }
    // The hook has run on this thread, before the unwinding that has just ended.
    let panic = LAST_PANIC.take();
    let text = panic.as_ref().map_or_else(
        || "a panic".to_owned(),
        |panic| format!("panic at {}: {}", panic.location, panic.message),
    );
    let mut response = pages.internal_error(anyhow::Error::msg(text), &preferences);
    if let Some(panic) = panic {
        response
            .extensions_mut()
            .insert(CaughtPanic(Arc::new(panic)));
    }
    response
}
