//! Places where a test may end the process, to show that what is written down survives. Compiled to nothing unless the
//! feature `fault-points` is on; which place is said from outside (`arm`), because only the process reads its environment.

/// Ends the process here, if this place is armed.
#[cfg(not(feature = "fault-points"))]
pub(crate) fn point(_name: &'static str) {}

#[cfg(feature = "fault-points")]
pub use armed::arm;
#[cfg(feature = "fault-points")]
pub(crate) use armed::point;

#[cfg(feature = "fault-points")]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static ARMED: OnceLock<(String, AtomicU32)> = OnceLock::new();

    /// Lets the process end at the `nth` passing of a place, counted from 1. The first call holds.
    pub fn arm(name: &str, nth: u32) {
        let _ = ARMED.set((name.to_owned(), AtomicU32::new(nth)));
    }

    /// Ends the process here, if this place is armed. Nothing is flushed and no destructor runs, as in a power cut.
    pub(crate) fn point(name: &'static str) {
        let Some((armed, left)) = ARMED.get() else { return };
        if armed == name && left.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::process::abort();
        }
    }
}
