//! What a password costs here: each format once, several times over.
//!
//! `cargo run --release --example hashing -p accounts`

use std::time::{Duration, Instant};

use accounts::hashers;

const PASSWORD: &str = "correct-horse";
const SALT: &str = "abcdefghijklmnopqrstuv";

#[expect(clippy::print_stdout, reason = "the numbers are the result")]
fn main() {
    let rounds = |rounds| hashers::encode_with(PASSWORD, SALT, rounds);
    let others = [
        "argon2$argon2id$v=19$m=102400,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$\
         AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$16384$abcdefghijklmnopqrstuv$8$5$x",
        "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
    ];
    println!("right password:");
    for encoded in [rounds(600_000), rounds(1_000_000), rounds(1_500_000)] {
        let name: String = encoded.chars().take(22).collect();
        println!(
            "  {name:<40} {:?}",
            median(|| hashers::verify(PASSWORD, Some(&encoded)))
        );
    }
    println!("wrong password:");
    for encoded in others {
        let name: String = encoded.chars().take(38).collect();
        println!(
            "  {name:<40} {:?}",
            median(|| !hashers::verify(PASSWORD, Some(encoded)))
        );
    }
}

/// Of eleven runs.
fn median(run: impl Fn() -> bool) -> Duration {
    let mut times: Vec<_> = (0..11)
        .map(|_| {
            let start = Instant::now();
            assert!(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[5]
}
