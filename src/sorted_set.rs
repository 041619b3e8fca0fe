//! Sets of strings in canonical order.

/// Sorts the items and removes duplicates. By insertion: there are few items, and `sort` adds 4 KiB of code.
pub(crate) fn to_sorted_set(items: Vec<String>) -> Vec<String> {
    let mut set: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        if let Err(index) = set.binary_search(&item) {
            set.insert(index, item);
        }
    }
    set
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
