//! How long hashes take on this machine, and so when a refusal is answered.
//!
//! Everybody who is refused is answered when the dearest hash that is stored would be computed, with
//! some room: whoever has a cheaper hash, or none, waits for the rest. A wait takes no processor, no
//! memory and no place. What a kind of hash costs is found from a small one of the same kind, and
//! corrected by every one that has to be computed anyway.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Version};

use crate::encoded::{Encoded, Prf, ROUNDS, pbkdf2};

/// What a refusal waits for is so much longer than the dearest hash takes: a busy processor must not
/// make the real one late.
const ROOM: f64 = 1.5;

/// A hash of much memory is slower for each of its blocks than the small one by which it is measured,
/// which the processor's caches hold.
const MEMORY_FACTOR: f64 = 1.6;

/// Nobody waits longer for a refusal, whatever somebody has put into a row.
const LONGEST: Duration = Duration::from_secs(5);

/// Of a few measurements the quickest was disturbed least.
const SAMPLES: usize = 3;

/// Kinds of hashes whose costs are in proportion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Sha256,
    Sha1,
    Argon2,
    Bcrypt,
    Scrypt,
}

/// What a hash costs, in units of its family: rounds, or blocks of memory that are filled.
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

/// The times of this machine, and the dearest hashes of the database. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pace(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    seconds: BTreeMap<Family, Seconds>,
    /// The most units that a stored hash of each family has.
    dearest: BTreeMap<Family, f64>,
}

/// What a unit takes.
#[derive(Debug, Clone, Copy)]
struct Seconds {
    /// At best.
    fastest: f64,
    /// As of late, with what else the processors have to do.
    lately: f64,
}

impl Pace {
    /// Replaces what is known of the stored hashes. New passwords have [`ROUNDS`] at least. Takes
    /// some milliseconds for each family that has not been measured yet.
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
                .filter(|family| !known.seconds.contains_key(family))
                .collect()
        };
        // Measured without the lock: logins go on.
        let measured: Vec<_> = missing
            .into_iter()
            .map(|family| (family, measure(family)))
            .collect();
        let mut known = self.lock();
        known.dearest = dearest;
        for (family, seconds) in measured {
            known.seconds.entry(family).or_insert(Seconds {
                fastest: seconds,
                lately: seconds,
            });
        }
    }

    /// A hash was met that may be dearer than those known so far.
    pub(crate) fn meet(&self, work: Work) {
        let mut known = self.lock();
        let units = known.dearest.entry(work.family).or_insert(work.units);
        *units = f64::max(*units, work.units);
    }

    /// A hash was computed. A machine that has become busy is believed at once, and one that has
    /// become idle by and by.
    pub(crate) fn computed(&self, work: Work, took: Duration) {
        let seconds = took.as_secs_f64() / work.units;
        let mut known = self.lock();
        let known = known.seconds.entry(work.family).or_insert(Seconds {
            fastest: seconds,
            lately: seconds,
        });
        known.fastest = known.fastest.min(seconds);
        let weight = if seconds > known.lately { 0.5 } else { 0.1 };
        known.lately += weight * (seconds - known.lately);
    }

    /// What a hash takes when nothing else is to do; nothing as long as that is not known.
    pub(crate) fn at_best(&self, work: Work) -> Duration {
        let known = self.lock();
        let seconds = known.seconds.get(&work.family);
        seconds.map_or(Duration::ZERO, |seconds| {
            duration(seconds.fastest * work.units)
        })
    }

    /// How long after the beginning of its work a refusal is answered.
    pub(crate) fn refusal(&self) -> Duration {
        let known = self.lock();
        let seconds = known.dearest.iter().filter_map(|(family, units)| {
            let seconds = known.seconds.get(family)?;
            Some(seconds.lately * units)
        });
        duration(seconds.fold(0.0, f64::max) * ROOM)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing panics while the lock is held; were it so, the values would still be times.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).map_or(LONGEST, |duration| duration.min(LONGEST))
}

/// What a unit of a family takes here, in seconds, by a hash of at most 4 MiB.
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

/// Computes a small hash, and tells its units. The result is nobody's.
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
        pace.meet(of(DJANGO_52));
        assert!(pace.refusal() > ours);
        // A hash of a kind that was not there before is measured, and without its memory.
        pace.learn(&[of(ARGON2)]);
        assert!(pace.lock().seconds.contains_key(&Family::Argon2));
        for dear in [
            "bcrypt_sha256$$2b$15$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
            "scrypt$16384$salt$8$5$x",
            "pbkdf2_sha1$1300000$salt$x",
        ] {
            pace.learn(&[of(dear)]);
            assert!(
                pace.refusal() >= ours && pace.refusal() <= LONGEST,
                "{dear}"
            );
        }
    }

    #[test]
    fn what_is_computed_corrects_what_was_measured() {
        let pace = Pace::default();
        let work = of(DJANGO_52);
        pace.computed(work, Duration::from_millis(100));
        pace.meet(work);
        assert_eq!(pace.refusal(), Duration::from_millis(150));
        pace.computed(work, Duration::from_millis(300));
        assert_eq!(pace.refusal(), Duration::from_millis(300));
        assert_eq!(pace.at_best(work), Duration::from_millis(100));
        for _ in 0..100 {
            pace.computed(work, Duration::from_millis(100));
        }
        assert!(pace.refusal() < Duration::from_millis(151));
        pace.computed(work, Duration::from_secs(1_000));
        assert_eq!(pace.refusal(), LONGEST);
    }
}
