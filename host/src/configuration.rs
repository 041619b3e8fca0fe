//! `wasi:config/store`, in both versions that hosts support.

use std::fmt;
use std::fs::File;
use std::io;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::ComponentType;
use wasmtime::component::Linker;
use wasmtime::component::Lower;

use crate::files;
use crate::guest::Guest;

/// Variables that a component reads through `wasi:config`. Clones share them.
#[derive(Clone, Default)]
pub struct Configuration(Arc<Vec<(String, Value)>>);

#[derive(Clone)]
enum Value {
    Text(String),
    File(PathBuf),
}

impl Configuration {
    /// Without variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable, such as `azure_tenant_id`.
    #[must_use]
    pub fn value(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(name.into(), Value::Text(value.into()))
    }

    /// Sets a variable whose value is the text of a file, without line ends at its end. The file is read each time that
    /// the component reads the variable, so it can be replaced while the component runs.
    #[must_use]
    pub fn file(self, name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.with(name.into(), Value::File(path.into()))
    }

    fn with(mut self, name: String, value: Value) -> Self {
        let variables = Arc::make_mut(&mut self.0);
        variables.retain(|(other, _)| *other != name);
        variables.push((name, value));
        self
    }

    fn get(&self, name: &str) -> Result<Option<String>, Error> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(name, value)| value.read(name)).transpose()
    }

    fn get_all(&self) -> Result<Vec<(String, String)>, Error> {
        self.0.iter().map(|(name, value)| Ok((name.clone(), value.read(name)?))).collect()
    }
}

impl fmt::Debug for Configuration {
    /// The names alone, since values are often secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Value {
    fn read(&self, name: &str) -> Result<String, Error> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(path) => {
                let mut text = read_text(path).map_err(|error| {
                    Error::Io(format!("the file of {name} cannot be read: {error}"))
                })?;
                text.truncate(text.trim_end_matches(['\r', '\n']).len());
                Ok(text)
            }
        }
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(MAX_LENGTH + 1).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_LENGTH) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 1 MiB"));
    }
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not text");
    files::text(bytes).map_err(not_text)
}

/// More than any certificate that the component accepts.
const MAX_LENGTH: u64 = 1 << 20;

/// Why a variable cannot be read.
#[derive(Clone, ComponentType, Debug, Lower)]
#[component(variant)]
enum Error {
    #[component(name = "upstream")]
    #[expect(dead_code, reason = "a case of the interface that files do not need")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

/// Links both versions, which differ in nothing but their name.
pub(crate) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    for version in ["0.2.0-draft-2024-09-27", "0.2.0-rc.1"] {
        let mut interface = linker.instance(&format!("wasi:config/store@{version}"))?;
        interface.func_wrap("get", |store: StoreContextMut<'_, Guest>, (name,): (String,)| {
            Ok((store.data().configuration.get(&name),))
        })?;
        interface.func_wrap("get-all", |store: StoreContextMut<'_, Guest>, (): ()| {
            Ok((store.data().configuration.get_all(),))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_read_again_each_time_without_its_last_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let configuration = Configuration::new().value("a", "b").file("secret", &path);
        for (content, expected) in [("first\n", "first"), ("second\r\n\n", "second"), ("", "")] {
            fs::write(&path, content).unwrap();
            assert_eq!(configuration.get("secret").unwrap().as_deref(), Some(expected));
        }
        let all = configuration.get_all().unwrap();
        assert_eq!(all, [("a", "b"), ("secret", "")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(configuration.get("other").unwrap(), None);
    }

    #[test]
    fn a_variable_that_is_set_again_is_replaced() {
        let configuration = Configuration::new().value("a", "first");
        let changed = configuration.clone().value("a", "second");
        assert_eq!(configuration.get("a").unwrap().as_deref(), Some("first"));
        assert_eq!(changed.get_all().unwrap(), [("a".to_owned(), "second".to_owned())]);
    }

    #[test]
    fn a_file_that_cannot_be_used_is_an_error_with_the_variables_name() {
        let folder = tempfile::tempdir().unwrap();
        let [binary, long] = ["binary", "long"].map(|name| folder.path().join(name));
        fs::write(&binary, b"marked\xff").unwrap();
        fs::write(&long, vec![b'a'; (1 << 20) + 1]).unwrap();
        for path in [folder.path().join("missing"), binary, long] {
            let configuration = Configuration::new().file("secret", path);
            let Err(Error::Io(text)) = configuration.get("secret") else {
                panic!("it cannot be read");
            };
            assert!(text.starts_with("the file of secret cannot be read: "), "{text}");
            assert!(!text.contains("marked"), "{text}");
            assert!(configuration.get_all().is_err());
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let text = format!("{:?}", Configuration::new().value("name", "marked").file("f", "path"));
        assert_eq!(text, r#"["name", "f"]"#);
    }
}
