//! Random numbers that are the same in each run. Knows nothing of what they are for.

/// Steele, Lea and Flood's `SplitMix64`: repeatable from its seed, and needs no dependency.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below the limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % limit
    }

    /// An index below `count`; 0 if that is 0.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count.max(1) as u64)).unwrap_or_default()
    }
}
