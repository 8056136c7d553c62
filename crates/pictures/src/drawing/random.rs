//! What is left to chance in a drawing.

/// The choices of one drawing, the same for the same seed (`SplitMix64`).
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: i32, most: i32) -> i32 {
        let count = u64::from(most.abs_diff(least)) + 1;
        let step = i32::try_from(self.next() % count).unwrap_or(0);
        least + step
    }

    /// An index below `count`.
    pub(super) fn index(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(1).max(1);
        usize::try_from(self.next() % count).unwrap_or(0)
    }

    /// One of several.
    pub(super) fn one_of<T: Copy, const N: usize>(&mut self, all: [T; N]) -> T {
        all[self.index(N)]
    }

    /// Whether something happens that has a chance of `percent` in a hundred.
    pub(super) fn happens(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}
