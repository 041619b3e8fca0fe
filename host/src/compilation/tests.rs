use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use tempfile::TempDir;

use super::*;

#[test]
fn code_is_compiled_once() {
    let here = Here::new();
    assert!(here.compiles(COMPONENT));
    assert!(!here.compiles(COMPONENT));
    let other = [COMPONENT, b"\0\x02\x01x"].concat();
    assert!(here.compiles(&other), "a custom section makes it another component");
    assert!(!here.compiles(COMPONENT));
    assert_eq!(here.entries().len(), 2);
}

// The bug report of a host that no longer starts after a power failure.
#[test]
fn a_damaged_entry_is_replaced() {
    let here = Here::new();
    here.compiles(COMPONENT);
    let entry = here.entries().remove(0);
    let whole = fs::read(&entry).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    for damaged in [&b""[..], &whole[..10], &whole[..whole.len() - 1], &changed] {
        fs::write(&entry, damaged).unwrap();
        assert!(here.compiles(COMPONENT));
        assert!(!here.compiles(COMPONENT));
    }
}

#[cfg(unix)]
#[test]
fn what_others_may_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt;

    let here = Here::new();
    let set = |path: &PathBuf, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode));
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    here.compiles(COMPONENT);
    let entry = here.entries().remove(0);
    assert_eq!((mode(&here.cache_folder()), mode(&entry)), (0o700, 0o600));

    set(&entry, 0o620).unwrap();
    assert!(here.compiles(COMPONENT));
    for open in [0o720, 0o702] {
        set(&here.cache_folder(), open).unwrap();
        let error = CompiledCache::open(here.cache_folder()).unwrap_err();
        assert!(error.to_string().contains("others may write to it"), "{error}");
    }
}

#[test]
fn a_folder_that_disappears_costs_a_compilation() {
    let here = Here::new();
    let (compilation, compiled) = here.compilation();
    fs::remove_dir_all(here.cache_folder()).unwrap();
    assert!(compilation.compile(&Engine::default(), COMPONENT).is_ok());
    assert_eq!(compiled.load(Ordering::Relaxed), 1);
}

#[test]
fn a_file_that_is_no_component_is_not_compiled() {
    let (compilation, compiled) = Here::new().compilation();
    assert!(compilation.compile(&Engine::default(), b"\0asm\x01\0\0\0").is_err());
    assert_eq!(compiled.load(Ordering::Relaxed), 0);
}

struct Here(TempDir);

impl Here {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn cache_folder(&self) -> PathBuf {
        self.0.path().join("a/b")
    }

    fn entries(&self) -> Vec<PathBuf> {
        fs::read_dir(self.cache_folder()).unwrap().map(|file| file.unwrap().path()).collect()
    }

    /// A compilation with the cache, and the number of its notices.
    fn compilation(&self) -> (Compilation, Arc<AtomicUsize>) {
        let compiled = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&compiled);
        let compilation = Compilation {
            cache: Some(CompiledCache::open(self.cache_folder()).unwrap()),
            notice: Some(Arc::new(move || {
                counter.fetch_add(1, Ordering::Relaxed);
            })),
        };
        (compilation, compiled)
    }

    /// Whether a new engine compiles the component, instead of taking its code from the cache.
    fn compiles(&self, component: &[u8]) -> bool {
        let (compilation, compiled) = self.compilation();
        compilation.compile(&Engine::default(), component).unwrap();
        compiled.load(Ordering::Relaxed) == 1
    }
}

/// An empty component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
