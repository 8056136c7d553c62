//! How long hashes take on this machine, and with that when a refusal is answered.
//!
//! Every refusal is answered after the time that the dearest stored hash would take, plus a margin. An
//! attempt with a cheaper hash, or without one, waits for the rest; waiting takes no processor, memory
//! or slot. The cost of a kind of hash is measured with a small one of the same kind, and corrected by
//! every hash that is computed for a login.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Version};

use crate::encoded::{Encoded, Prf, ROUNDS, pbkdf2};

/// The factor between the dearest hash and the time of a refusal: on a busy processor the real
/// computation must not end later than that.
const SAFETY_FACTOR: f64 = 1.5;

/// A hash of much memory is slower per block than the small one that is measured, which fits into the
/// processor's caches.
const MEMORY_FACTOR: f64 = 1.6;

/// The longest time of a refusal, whatever hash somebody has put into a row.
const MAX_REFUSAL: Duration = Duration::from_secs(5);

/// How many measurements are made. The quickest counts, since it was disturbed least.
const SAMPLES: usize = 3;

/// Kinds of hashes. Within one, time is proportional to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Sha256,
    Sha1,
    Argon2,
    Bcrypt,
    Scrypt,
}

/// The cost of a hash in units of its family: rounds, or blocks of memory to fill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Work {
    pub(crate) family: Family,
    pub(crate) units: f64,
}

impl Work {
    #[expect(
        clippy::cast_precision_loss,
        reason = "costs have bounds far below 2^53"
    )]
    pub(crate) fn of(encoded: &Encoded<'_>) -> Self {
        let (family, units) = match encoded {
            Encoded::Pbkdf2 { prf, rounds, .. } => match prf {
                Prf::Sha256 => (Family::Sha256, u64::from(*rounds)),
                Prf::Sha1 => (Family::Sha1, u64::from(*rounds)),
            },
            Encoded::Argon2 { params, .. } => {
                let blocks = u64::from(params.m_cost()) * u64::from(params.t_cost());
                (Family::Argon2, blocks)
            }
            Encoded::BcryptSha256 { cost, .. } => (Family::Bcrypt, 1 << cost),
            Encoded::Scrypt { params, .. } => {
                let work = params.n() * u64::from(params.r()) * u64::from(params.p());
                (Family::Scrypt, work)
            }
        };
        Self {
            family,
            units: units as f64,
        }
    }
}

/// The speed of this machine, and the dearest hashes of the database. Clones share both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    unit_times: BTreeMap<Family, UnitTime>,
    /// The most units that a stored hash of each family has.
    dearest: BTreeMap<Family, f64>,
}

/// The time of one unit.
#[derive(Debug, Clone, Copy)]
struct UnitTime {
    /// The least that was measured.
    fastest: f64,
    /// A moving average, which follows the load of the machine.
    average: f64,
}

impl Pace {
    /// Replaces the dearest stored hashes. Those of new passwords always count. Takes some milliseconds
    /// for each family that has not been measured yet.
    pub(crate) fn learn(&self, stored: &[Work]) {
        let new = Work {
            family: Family::Sha256,
            units: f64::from(ROUNDS),
        };
        let mut dearest = BTreeMap::new();
        for work in stored.iter().chain([&new]) {
            let units = dearest.entry(work.family).or_insert(work.units);
            *units = f64::max(*units, work.units);
        }
        let missing: Vec<_> = {
            let known = self.lock();
            let families = dearest.keys().copied();
            families
                .filter(|family| !known.unit_times.contains_key(family))
                .collect()
        };
        // Measured without holding the lock, so that logins go on. Two calls may measure the same
        // family; the first result is kept.
        let measured: Vec<_> = missing
            .into_iter()
            .map(|family| (family, measure(family)))
            .collect();
        let mut known = self.lock();
        known.dearest = dearest;
        for (family, seconds) in measured {
            known.unit_times.entry(family).or_insert(UnitTime {
                fastest: seconds,
                average: seconds,
            });
        }
    }

    /// Notes a stored hash, which may be dearer than those known so far.
    pub(crate) fn note_stored(&self, work: Work) {
        let mut known = self.lock();
        let units = known.dearest.entry(work.family).or_insert(work.units);
        *units = f64::max(*units, work.units);
    }

    /// Notes how long a hash took. The average rises quickly when the machine becomes busy, and falls
    /// slowly when it becomes idle, so that refusals are rather too late than too early.
    pub(crate) fn note_computed(&self, work: Work, took: Duration) {
        let seconds = took.as_secs_f64() / work.units;
        let mut known = self.lock();
        let known = known.unit_times.entry(work.family).or_insert(UnitTime {
            fastest: seconds,
            average: seconds,
        });
        known.fastest = known.fastest.min(seconds);
        let weight = if seconds > known.average { 0.5 } else { 0.1 };
        known.average += weight * (seconds - known.average);
    }

    /// The time of a hash on an idle machine; zero as long as its family was not measured.
    pub(crate) fn fastest(&self, work: Work) -> Duration {
        let known = self.lock();
        let seconds = known.unit_times.get(&work.family);
        seconds.map_or(Duration::ZERO, |seconds| {
            duration(seconds.fastest * work.units)
        })
    }

    /// The time between the start of hashing and the answer of a refusal.
    pub(crate) fn refusal(&self) -> Duration {
        let known = self.lock();
        let seconds = known.dearest.iter().filter_map(|(family, units)| {
            let seconds = known.unit_times.get(family)?;
            Some(seconds.average * units)
        });
        duration(seconds.fold(0.0, f64::max) * SAFETY_FACTOR)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A poisoned lock is taken anyway: every value under it is valid at any moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).map_or(MAX_REFUSAL, |duration| duration.min(MAX_REFUSAL))
}

/// Measures the seconds of one unit with a hash of at most 4 MiB.
fn measure(family: Family) -> f64 {
    let samples = (0..SAMPLES).map(|_| {
        let start = Instant::now();
        let units = compute(family);
        start.elapsed().as_secs_f64() / units
    });
    let fastest = samples.fold(f64::INFINITY, f64::min);
    match family {
        Family::Argon2 | Family::Scrypt => fastest * MEMORY_FACTOR,
        Family::Sha256 | Family::Sha1 | Family::Bcrypt => fastest,
    }
}

/// Computes a small hash of a made-up password, and returns its units.
fn compute(family: Family) -> f64 {
    const SALT: [u8; 16] = *b"a-salt-of-nobody";
    let mut hash = [0; 32];
    let units = match family {
        Family::Sha256 | Family::Sha1 => {
            let prf = match family {
                Family::Sha1 => Prf::Sha1,
                _ => Prf::Sha256,
            };
            std::hint::black_box(pbkdf2(prf, "nobody", "salt", 20_000));
            20_000.0
        }
        Family::Argon2 => {
            if let Ok(params) = argon2::Params::new(4_096, 1, 1, Some(hash.len())) {
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                let _ = argon2.hash_password_into(b"nobody", &SALT, &mut hash);
            }
            4_096.0
        }
        Family::Bcrypt => {
            std::hint::black_box(bcrypt::bcrypt(6, SALT, b"nobody\0"));
            64.0
        }
        Family::Scrypt => {
            if let Ok(params) = scrypt::Params::new(12, 8, 1) {
                let _ = scrypt::scrypt(b"nobody", &SALT, &params, &mut hash);
            }
            f64::from(1 << 12) * 8.0
        }
    };
    std::hint::black_box(hash);
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(encoded: &str) -> Work {
        Work::of(&Encoded::parse(encoded).unwrap())
    }

    const DJANGO_52: &str = "pbkdf2_sha256$1000000$salt$x";
    const ARGON2: &str =
        "argon2$argon2id$v=19$m=102400,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA";

    #[test]
    fn a_refusal_waits_for_the_dearest_hash_that_is_stored_or_was_met() {
        let pace = Pace::default();
        pace.learn(&[]);
        let ours = pace.refusal();
        assert!(ours > Duration::ZERO);
        pace.learn(&[of(DJANGO_52)]);
        let ratio = pace.refusal().as_secs_f64() / ours.as_secs_f64();
        assert!((ratio - 1_000_000.0 / 600_000.0).abs() < 0.01, "{ratio}");
        pace.learn(&[]);
        assert_eq!(pace.refusal(), ours, "it is gone");
        pace.note_stored(of(DJANGO_52));
        assert!(pace.refusal() > ours);
        // A hash of a kind that was not there before is measured, and without its memory.
        pace.learn(&[of(ARGON2)]);
        assert!(pace.lock().unit_times.contains_key(&Family::Argon2));
        for dear in [
            "bcrypt_sha256$$2b$15$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
            "scrypt$16384$salt$8$5$x",
            "pbkdf2_sha1$1300000$salt$x",
        ] {
            pace.learn(&[of(dear)]);
            assert!(
                pace.refusal() >= ours && pace.refusal() <= MAX_REFUSAL,
                "{dear}"
            );
        }
    }

    #[test]
    fn what_is_computed_corrects_what_was_measured() {
        let pace = Pace::default();
        let work = of(DJANGO_52);
        pace.note_computed(work, Duration::from_millis(100));
        pace.note_stored(work);
        assert_eq!(pace.refusal(), Duration::from_millis(150));
        pace.note_computed(work, Duration::from_millis(300));
        assert_eq!(pace.refusal(), Duration::from_millis(300));
        assert_eq!(pace.fastest(work), Duration::from_millis(100));
        for _ in 0..100 {
            pace.note_computed(work, Duration::from_millis(100));
        }
        assert!(pace.refusal() < Duration::from_millis(151));
        pace.note_computed(work, Duration::from_secs(1_000));
        assert_eq!(pace.refusal(), MAX_REFUSAL);
    }
}
