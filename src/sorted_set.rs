//! Sets of texts in one spelling.

/// The items in order, each once. By insertion: there are few, and sorting is 4 KiB of code.
pub(crate) fn to_sorted_set(items: Vec<String>) -> Vec<String> {
    let mut set: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        if let Err(place) = set.binary_search(&item) {
            set.insert(place, item);
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repeats_are_gone() {
        let items = ["b", "a", "c", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(to_sorted_set(items), ["a", "b", "c"]);
    }
}
