//! Limits and measures the memory of an instance.

use wasmtime::ResourceLimiter;

/// Counts the linear memories of one instance together against one limit.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    limit: usize,
    size: usize,
    was_refused: bool,
}

impl MemoryMeter {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, size: 0, was_refused: false }
    }

    /// The current size, which is also the peak, because linear memory never shrinks.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn was_refused(&self) -> bool {
        self.was_refused
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let size = self.size.saturating_add(desired.saturating_sub(current));
        let is_allowed = size <= self.limit;
        if is_allowed {
            self.size = size;
        } else {
            self.was_refused = true;
        }
        Ok(is_allowed)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }
}

/// Tables hold a component's functions: a few hundred in this component, tens of thousands in an
/// interpreter.
pub(crate) const MAX_TABLE_ELEMENTS: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_share_one_limit() {
        let mut meter = MemoryMeter::new(100);
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(meter.memory_growing(0, 30, None).unwrap());
        assert!(!meter.memory_growing(60, 71, None).unwrap());
        assert_eq!((meter.size(), meter.was_refused()), (90, true));
    }
}
