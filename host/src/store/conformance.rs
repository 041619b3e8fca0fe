//! Tests that every store must pass, through several handles on the same entries.

use std::sync::Arc;

use super::Store;
use super::StoreError;

/// Checks that these handles on an empty store behave as one store.
pub(super) async fn check(handles: Vec<Arc<dyn Store>>) {
    let (first, last) = (handles.first().unwrap(), handles.last().unwrap());
    values_are_shared(first.as_ref(), last.as_ref()).await;
    buckets_are_separate(first.as_ref()).await;
    keys_are_listed(first.as_ref()).await;
    counters_are_checked(first.as_ref()).await;
    increments_are_atomic(&handles).await;
    swaps_are_atomic(&handles).await;
}

async fn values_are_shared(first: &dyn Store, last: &dyn Store) {
    assert_eq!(first.open("default").await, Ok(()));
    assert_eq!(first.open("").await, Err(StoreError::NoSuchStore));
    assert_eq!(first.get("default", "k").await, Ok(None));
    assert_eq!(first.set("default", "k", b"\0one".to_vec()).await, Ok(()));
    assert_eq!(last.get("default", "k").await, Ok(Some(b"\0one".to_vec())));
    assert_eq!(last.set("default", "k", b"two".to_vec()).await, Ok(()));
    assert_eq!(first.get("default", "k").await, Ok(Some(b"two".to_vec())));
    assert_eq!(first.exists("default", "k").await, Ok(true));
    assert_eq!(last.delete("default", "k").await, Ok(()));
    assert_eq!(last.delete("default", "k").await, Ok(()));
    assert_eq!(first.exists("default", "k").await, Ok(false));
}

async fn buckets_are_separate(store: &dyn Store) {
    store.set("left", "k", b"l".to_vec()).await.unwrap();
    assert_eq!(store.get("right", "k").await, Ok(None));
    store.set("right", "k", b"r".to_vec()).await.unwrap();
    assert_eq!(store.get("left", "k").await, Ok(Some(b"l".to_vec())));
}

async fn keys_are_listed(store: &dyn Store) {
    let mut expected = Vec::new();
    for number in 0..1_005 {
        let key = format!("key-{number:04}");
        store.set("many", &key, Vec::new()).await.unwrap();
        expected.push(key);
    }
    let mut keys = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.list_keys("many", cursor.as_deref()).await.unwrap();
        keys.extend(page.keys);
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys, expected);
}

async fn counters_are_checked(store: &dyn Store) {
    assert_eq!(store.increment("default", "n", 5).await, Ok(5));
    assert_eq!(store.increment("default", "n", -7).await, Ok(-2));
    assert_eq!(store.get("default", "n").await, Ok(Some(b"-2".to_vec())));
    store.set("default", "n", b"not a number".to_vec()).await.unwrap();
    assert!(store.increment("default", "n", 1).await.is_err());
    store.set("default", "n", i64::MAX.to_string().into_bytes()).await.unwrap();
    assert!(store.increment("default", "n", 1).await.is_err());
    assert_eq!(store.get("default", "n").await, Ok(Some(i64::MAX.to_string().into_bytes())));
}

async fn increments_are_atomic(handles: &[Arc<dyn Store>]) {
    let tasks = tasks(handles, |store| async move {
        for _ in 0..ROUNDS {
            store.increment("default", "count", 1).await.unwrap();
        }
    });
    join(tasks).await;
    let total = (TASKS * ROUNDS).to_string().into_bytes();
    assert_eq!(handles[0].get("default", "count").await, Ok(Some(total)));
}

async fn swaps_are_atomic(handles: &[Arc<dyn Store>]) {
    let tasks = tasks(handles, |store| async move {
        for _ in 0..ROUNDS {
            loop {
                let current = store.get("default", "swapped").await.unwrap();
                let number = current.as_deref().map_or(0, |bytes| {
                    std::str::from_utf8(bytes).unwrap().parse::<usize>().unwrap()
                });
                let next = (number + 1).to_string().into_bytes();
                let swap = store.compare_and_swap("default", "swapped", current.as_deref(), next);
                if swap.await.unwrap() {
                    break;
                }
            }
        }
    });
    join(tasks).await;
    let total = (TASKS * ROUNDS).to_string().into_bytes();
    assert_eq!(handles[0].get("default", "swapped").await, Ok(Some(total.clone())));
    assert_eq!(handles[0].compare_and_swap("default", "swapped", None, vec![]).await, Ok(false));
    assert_eq!(handles[0].get("default", "swapped").await, Ok(Some(total)));
}

const TASKS: usize = 8;
const ROUNDS: usize = 50;

fn tasks<Work>(
    handles: &[Arc<dyn Store>],
    work: impl Fn(Arc<dyn Store>) -> Work,
) -> Vec<tokio::task::JoinHandle<()>>
where
    Work: Future<Output = ()> + Send + 'static,
{
    handles.iter().cycle().take(TASKS).map(|store| tokio::spawn(work(store.clone()))).collect()
}

async fn join(tasks: Vec<tokio::task::JoinHandle<()>>) {
    for task in tasks {
        task.await.unwrap();
    }
}
