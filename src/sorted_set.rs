//! Sets of strings in canonical order.

/// Sorts the items and removes duplicates.
pub(crate) fn to_sorted_set(mut items: Vec<String>) -> Vec<String> {
    items.sort_unstable();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_sorted_and_unique() {
        let items = ["b", "a", "c", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(to_sorted_set(items), ["a", "b", "c"]);
    }
}
