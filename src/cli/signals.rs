//! The signals that end the process or make it read its configuration again.

use std::future::Future;
use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

use crate::front::Stop;

/// The first signal to stop, and the second.
pub(super) fn stops() -> io::Result<(impl Future<Output = Stop>, impl Future<Output = ()>)> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (told, first) = oneshot::channel();
    let (told_again, second) = oneshot::channel();
    tokio::spawn(async move {
        let stop = next(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping: requests in progress are finished first");
        // Nobody hears it when the process ends for another reason.
        let _ = told.send(stop);
        next(&mut terminate, &mut interrupt).await;
        let _ = told_again.send(());
    });
    let first = async { first.await.unwrap_or(Stop::AtOnce) };
    let second = async {
        if second.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    Ok((first, second))
}

/// SIGTERM is an orchestrator's, whose load balancers are to notice first; Ctrl-C is somebody's who waits.
async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> Stop {
    tokio::select! {
        _ = terminate.recv() => Stop::Announced,
        _ = interrupt.recv() => Stop::AtOnce,
    }
}

/// SIGHUP; several that come while one is worked at are one.
pub(super) fn hang_ups() -> io::Result<mpsc::Receiver<()>> {
    let mut hang_up = signal(SignalKind::hangup())?;
    let (sign, signs) = mpsc::channel(1);
    tokio::spawn(async move {
        while hang_up.recv().await.is_some() && !sign.is_closed() {
            // A full channel holds one that has not been seen yet.
            let _ = sign.try_send(());
        }
    });
    Ok(signs)
}
