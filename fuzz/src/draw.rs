//! Makes random choices from bytes, which come from the fuzzer or from a generator.

/// Bytes to draw from; when they are used up, everything is 0.
pub struct Draw<'a>(&'a [u8]);

impl<'a> Draw<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        let wide = if count > 256 { usize::from(self.byte()) << 8 } else { 0 };
        (wide | usize::from(self.byte())) % count.max(1)
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub fn up_to(&mut self, most: u64) -> u64 {
        // A small bound costs one byte.
        let mut bytes = [0; 8];
        let count = if most < 256 { 1 } else { 8 };
        bytes[..count].iter_mut().for_each(|byte| *byte = self.byte());
        u64::from_le_bytes(bytes) % most.saturating_add(1)
    }
}

/// Bytes that look random and are the same for the same seed (xorshift).
pub fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    };
    std::iter::repeat_with(|| next().to_le_bytes()).flatten().take(count).collect()
}
