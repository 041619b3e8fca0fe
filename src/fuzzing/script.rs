//! Cuts an input into choices and texts.

/// The rest of an input: choices of one byte each, then texts, all separated by bytes that UTF-8 does not have. So a
/// change of one text does not shift the others.
#[derive(Debug)]
pub(super) struct Script<'a> {
    choices: &'a [u8],
    texts: Vec<&'a [u8]>,
}

impl<'a> Script<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut texts: Vec<_> = bytes.split(|&byte| byte == SEPARATOR).collect();
        texts.reverse();
        let choices = texts.pop().unwrap_or_default();
        Self { choices, texts }
    }

    /// The next choice. It is 0 at the end, so 0 must be the plain case.
    pub(super) fn choice(&mut self) -> u8 {
        let Some((&choice, rest)) = self.choices.split_first() else {
            return 0;
        };
        self.choices = rest;
        choice
    }

    /// The next choice, as bits.
    pub(super) fn flags(&mut self) -> impl Fn(u32) -> bool + use<> {
        let choice = self.choice();
        move |bit| choice >> bit & 1 == 1
    }

    /// The next bytes.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        self.texts.pop()
    }

    /// The next text; empty at the end.
    pub(super) fn text(&mut self) -> String {
        String::from_utf8_lossy(self.bytes().unwrap_or_default()).into_owned()
    }
}

/// Ends the choices, and each text.
const SEPARATOR: u8 = 0xff;
