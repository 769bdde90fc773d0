use std::borrow::Cow;

/// Takes choices off the front of an input. One that has run out makes the first choice for ever,
/// so that every input is a whole one.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes::<1>()[0]
    }

    /// The next bytes, zeros where there are none left.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let taken = self.take(N);
        bytes[..taken.len()].copy_from_slice(taken);
        bytes
    }

    /// From nought to one less than `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let drawn =
            if end <= 256 { usize::from(self.byte()) } else { usize::from(u16::from_be_bytes(self.bytes())) };
        drawn % end
    }

    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        // Not when the input has run out.
        self.below(times) == times - 1
    }

    pub(crate) fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Some of the input as it is: a byte that says how much, and so much.
    pub(crate) fn slice(&mut self) -> &'a [u8] {
        let length = self.byte();
        self.take(usize::from(length))
    }

    pub(crate) fn text(&mut self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.slice())
    }

    /// All that is left, as it is.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn rest_as_text(&mut self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.rest())
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}
