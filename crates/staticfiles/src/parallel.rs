//! Work spread over all cores. Knows nothing of what the work is.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does the work for each item on as many threads as there are cores, in no defined order. `done`
/// is called on this thread with each item's index and result.
///
/// After a failure no more items are begun. Of several failures the first is returned.
pub(crate) fn for_each<Item, Output, Error>(
    items: &[Item],
    work: impl Fn(&Item) -> Result<Output, Error> + Sync,
    mut done: impl FnMut(usize, Output),
) -> Result<(), Error>
where
    Item: Sync,
    Output: Send,
    Error: Send,
{
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let work_on = |results: mpsc::Sender<(usize, Result<Output, Error>)>| {
        while !is_over.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            // The receiver lives until all threads are done.
            let _ = results.send((index, work(item)));
        }
    };
    thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..cores.min(items.len()) {
            let sender = sender.clone();
            scope.spawn(|| work_on(sender));
        }
        drop(sender);
        let mut failure = None;
        for (index, result) in results {
            match result {
                Ok(output) => done(index, output),
                Err(error) => {
                    is_over.store(true, Ordering::Relaxed);
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(()), Err)
    })
}
