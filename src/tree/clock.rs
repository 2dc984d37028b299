//! The clock by which the operating system dates files.
//!
//! It ticks a few hundred times a second: what changes twice within a tick bears one date. Whoever concludes from
//! a date that nothing has changed must therefore know that a tick lies between, which is all this module is for.
//! No output may depend on it.

use std::time::Duration;

use rustix::fs::Stat;
use rustix::time::{ClockId, clock_gettime};

/// A date of the file systems' clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Since 1970.
    seconds: i64,
    nanoseconds: i64,
}

impl Moment {
    /// Reads the clock as it dates files that change now.
    pub fn now() -> Self {
        #[cfg(target_os = "linux")]
        let clock = ClockId::RealtimeCoarse;
        #[cfg(not(target_os = "linux"))]
        let clock = ClockId::Realtime;
        let time = clock_gettime(clock);
        Self { seconds: time.tv_sec, nanoseconds: time.tv_nsec }
    }

    /// Reads the exact time, which the dates of files are never after.
    pub fn exact() -> Self {
        let time = clock_gettime(ClockId::Realtime);
        Self { seconds: time.tv_sec, nanoseconds: time.tv_nsec }
    }

    /// Waits until the clock has passed every date that a file can bear by now, a few milliseconds at most unless somebody
    /// sets it back; returns where it stands.
    ///
    /// A tick that has come is not enough: since Linux 6.13 a file may bear the exact time, and the tick that the clock
    /// shows may be an older one that came late.
    pub fn after_all_until_now() -> Self {
        const PATIENCE: usize = 100;
        let exact = Self::exact();
        for _ in 0..PATIENCE {
            let now = Self::now();
            if now > exact {
                return now;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Self::now()
    }

    /// Returns when the content was last written.
    pub fn written(status: &Stat) -> Self {
        Self { seconds: status.st_mtime, nanoseconds: status.st_mtime_nsec as i64 }
    }

    /// Returns the moment as bytes.
    pub fn to_bytes(self) -> [u8; 16] {
        let whole = i128::from(self.seconds) << 32 | i128::from(self.nanoseconds);
        whole.to_le_bytes()
    }

    /// Returns when the file, its names or its permissions last changed.
    pub fn changed(status: &Stat) -> Self {
        Self { seconds: status.st_ctime, nanoseconds: status.st_ctime_nsec as i64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_waiting_the_clock_has_passed_all_that_was_exact_before() {
        let before = Moment::exact();

        let after = Moment::after_all_until_now();

        assert!(after > before);
    }
}
