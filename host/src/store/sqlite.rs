//! A store in a SQLite file, for several processes on one machine.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use async_trait::async_trait;
use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OptionalExtension;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rusqlite::params;

use super::KeyPage;
use super::Store;
use super::StoreError;
use super::counter;

/// A store in a SQLite file that any number of processes may open. Clones share a connection.
#[derive(Clone, Debug)]
pub struct SqliteStore(Arc<Mutex<Connection>>);

impl SqliteStore {
    /// Opens the file, and creates it if it is missing, readable by its owner only.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::connect(path.as_ref())
            .map(|connection| Self(Arc::new(Mutex::new(connection))))
            .map_err(|error| {
                StoreError::other(format_args!(
                    "the SQLite file cannot be opened: {}",
                    error.to_string().replace('\n', " ")
                ))
            })
    }

    fn connect(path: &Path) -> Result<Connection, Box<dyn std::error::Error>> {
        if path.as_os_str().is_empty() {
            return Err("no path is given".into());
        }
        create(path)?;
        // SQLite's message repeats the path.
        let connection = Connection::open(path).map_err(|error| {
            error
                .sqlite_error()
                .map_or_else(|| "the path is not valid".to_owned(), ToString::to_string)
        })?;
        #[cfg(unix)]
        narrow(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        set_up(&connection)?;
        Ok(connection)
    }

    /// Runs blocking work on a thread for blocking tasks.
    async fn run<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    {
        let connection = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match task.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Failure::Sqlite(error))) => Err(StoreError::other(error)),
            Ok(Err(Failure::Store(error))) => Err(error),
            Err(error) => Err(StoreError::other(error)),
        }
    }
}

/// Creates the file if it is missing. An existing one is not opened here: to close any descriptor of a file drops all
/// POSIX locks of the process on it, and so the locks that another store of this process holds. Without these, another
/// process may delete the log that the store still uses.
fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Takes the permissions for a file from everyone but its owner. SQLite gives its other files the same ones.
#[cfg(unix)]
fn narrow(path: &Path) -> Result<(), String> {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let Ok(metadata) = fs::metadata(&name) else { continue };
        let mode = metadata.permissions().mode();
        if metadata.is_file() && mode & OTHERS != 0 {
            let narrowed = fs::Permissions::from_mode(mode & !OTHERS);
            fs::set_permissions(&name, narrowed).map_err(|error| {
                format!(
                    "others can read or write it, and its permissions cannot be changed: {error}"
                )
            })?;
        }
    }
    Ok(())
}

/// The permissions of the group and of others.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Sets the file's mode and creates the table. SQLite does not wait for a lock when processes turn a new file into a WAL
/// file at once, or when one of them removes the log as another one opens it: each of them fails but one. So this waits.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    let start = Instant::now();
    loop {
        match connection.execute_batch(SET_UP) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < SET_UP_TIMEOUT =>
            {
                std::thread::sleep(BUSY_PAUSE);
            }
            result => return result,
        }
    }
}

/// A write is a cached token: losing the last writes in a power failure only costs token requests.
const SET_UP: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS entries (
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (bucket, key)
    ) WITHOUT ROWID";

/// How long to wait while another process writes. With WAL this is usually microseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait until the file is set up. A slow disk, on which each of many processes waits for its turn, must not
/// stop a process from starting.
const SET_UP_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before the next try to set up the file.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// The number of keys in one page.
const PAGE: u32 = 1_000;

#[async_trait]
impl Store for SqliteStore {
    async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let entry = EntryKey::new(bucket, key);
        self.run(move |connection| Ok(entry.value(connection)?)).await
    }

    async fn set(&self, bucket: &str, key: &str, value: Vec<u8>) -> Result<(), StoreError> {
        let entry = EntryKey::new(bucket, key);
        self.run(move |connection| Ok(entry.set_value(connection, &value)?)).await
    }

    async fn delete(&self, bucket: &str, key: &str) -> Result<(), StoreError> {
        let entry = EntryKey::new(bucket, key);
        self.run(move |connection| {
            connection
                .prepare_cached("DELETE FROM entries WHERE bucket = ?1 AND key = ?2")?
                .execute(params![entry.bucket, entry.key])?;
            Ok(())
        })
        .await
    }

    async fn exists(&self, bucket: &str, key: &str) -> Result<bool, StoreError> {
        let entry = EntryKey::new(bucket, key);
        self.run(move |connection| {
            Ok(connection
                .prepare_cached("SELECT 1 FROM entries WHERE bucket = ?1 AND key = ?2")?
                .exists(params![entry.bucket, entry.key])?)
        })
        .await
    }

    async fn list_keys(&self, bucket: &str, cursor: Option<&str>) -> Result<KeyPage, StoreError> {
        // The cursor is the last key of the previous page.
        let entry = EntryKey::new(bucket, cursor.unwrap_or_default());
        self.run(move |connection| {
            let keys = connection
                .prepare_cached(
                    "SELECT key FROM entries WHERE bucket = ?1 AND key > ?2 ORDER BY key LIMIT ?3",
                )?
                .query_map(params![entry.bucket, entry.key, PAGE], |row| row.get(0))?
                .collect::<Result<Vec<String>, _>>()?;
            let is_full = u32::try_from(keys.len()).is_ok_and(|count| count == PAGE);
            let cursor = keys.last().filter(|_| is_full).cloned();
            Ok(KeyPage { keys, cursor })
        })
        .await
    }

    async fn increment(&self, bucket: &str, key: &str, delta: i64) -> Result<i64, StoreError> {
        let entry = EntryKey::new(bucket, key);
        self.run(move |connection| {
            let transaction = write_transaction(connection)?;
            let sum = counter::add(entry.value(&transaction)?.as_deref(), delta)?;
            entry.set_value(&transaction, sum.to_string().as_bytes())?;
            transaction.commit()?;
            Ok(sum)
        })
        .await
    }

    async fn compare_and_swap(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<&[u8]>,
        new: Vec<u8>,
    ) -> Result<bool, StoreError> {
        let entry = EntryKey::new(bucket, key);
        let expected = expected.map(<[u8]>::to_vec);
        self.run(move |connection| {
            let transaction = write_transaction(connection)?;
            if entry.value(&transaction)? != expected {
                return Ok(false);
            }
            entry.set_value(&transaction, &new)?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }
}

/// Takes the write lock at once: a transaction that reads first may fail to get it later.
fn write_transaction(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// The bucket and the key of an entry.
struct EntryKey {
    bucket: String,
    key: String,
}

impl EntryKey {
    fn new(bucket: &str, key: &str) -> Self {
        Self { bucket: bucket.to_owned(), key: key.to_owned() }
    }

    fn value(&self, connection: &Connection) -> rusqlite::Result<Option<Vec<u8>>> {
        connection
            .prepare_cached("SELECT value FROM entries WHERE bucket = ?1 AND key = ?2")?
            .query_row(params![self.bucket, self.key], |row| row.get(0))
            .optional()
    }

    fn set_value(&self, connection: &Connection, value: &[u8]) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO entries (bucket, key, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![self.bucket, self.key, value])?;
        Ok(())
    }
}

/// Why work failed: SQLite's error, or our own.
enum Failure {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance;
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn two_stores_on_one_file_behave_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let first = SqliteStore::open(&path).unwrap();
        let second = SqliteStore::open(&path).unwrap();
        conformance::check(vec![Arc::new(first), Arc::new(second)]).await;
    }

    /// Fails within a few rounds without the loop in `set_up`.
    #[test]
    fn any_number_of_stores_may_open_a_new_file_at_once() {
        for _ in 0..30 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            std::thread::scope(|scope| {
                let opened: Vec<_> =
                    (0..8).map(|_| scope.spawn(|| SqliteStore::open(&path))).collect();
                for store in opened {
                    store.join().unwrap().unwrap();
                }
            });
        }
    }

    /// SQLite holds a lock on the file for as long as a connection is open.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_second_store_keeps_the_locks_of_the_first() {
        use std::fs;
        use std::os::unix::fs::MetadataExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let inode = || path.metadata().unwrap().ino();
        let is_locked =
            || fs::read_to_string("/proc/locks").unwrap().contains(&format!(":{} ", inode()));
        let _first = SqliteStore::open(&path).unwrap();
        assert!(is_locked());
        let _second = SqliteStore::open(&path).unwrap();
        assert!(is_locked());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_access_the_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        SqliteStore::open(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    /// A file that an earlier tool or a copy left readable for everyone.
    #[cfg(unix)]
    #[test]
    fn the_permissions_of_an_existing_file_are_narrowed() {
        use std::fs;
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let store = SqliteStore::open(&path).unwrap();
        for name in ["a.db", "a.db-wal", "a.db-shm"] {
            let path = folder.path().join(name);
            if path.exists() {
                fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
            }
        }
        SqliteStore::open(&path).unwrap();
        drop(store);
        for entry in fs::read_dir(folder.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{mode:o}");
        }
    }
}
