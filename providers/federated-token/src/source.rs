//! Where the platform puts the token.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use crate::token::MAX_LENGTH;

/// Where the platform puts the token.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, which the platform replaces before the token in it expires.
    File(PathBuf),
    /// The value of a variable.
    Variable(Vec<u8>),
}

impl Source {
    /// Reads the values of the two variables; the file takes precedence. An empty variable counts as unset, because
    /// some hosts cannot omit one.
    pub fn from_variables(file: Option<OsString>, token: Option<OsString>) -> Result<Self, String> {
        let given = |value: &OsString| !value.is_empty();
        match (file.filter(given), token.filter(given)) {
            (Some(file), _) => Ok(Self::File(PathBuf::from(file))),
            (None, Some(token)) => Ok(Self::Variable(token.into_encoded_bytes())),
            (None, None) => Err(format!("neither {FILE_VARIABLE} nor {TOKEN_VARIABLE} is set")),
        }
    }

    /// The name of the variable that gave this source, for messages.
    pub fn variable(&self) -> &'static str {
        match self {
            Self::File(_) => FILE_VARIABLE,
            Self::Variable(_) => TOKEN_VARIABLE,
        }
    }

    /// Reads the current bytes; at most one byte more than the longest token.
    ///
    /// A file that cannot be read is an error even if the other variable is set. Falling back to a token that is no
    /// longer renewed would hide the fault until that token expires.
    pub fn read(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => read_file(path)
                .map_err(|error| format!("the file of {FILE_VARIABLE} cannot be read: {error}")),
            Self::Variable(value) => Ok(value.clone()),
        }
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_LENGTH).unwrap_or(u64::MAX).saturating_add(1);
    let mut content = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut content)?;
    Ok(content)
}

/// The variable with the file's path, named as in the Azure SDKs and the Kubernetes webhook.
pub const FILE_VARIABLE: &str = "AZURE_FEDERATED_TOKEN_FILE";

/// The variable with the token itself, for platforms without files.
pub const TOKEN_VARIABLE: &str = "AZURE_FEDERATED_TOKEN";

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;
    use std::process;

    use super::*;

    fn source(file: Option<&str>, token: Option<&str>) -> Result<Source, String> {
        Source::from_variables(file.map(OsString::from), token.map(OsString::from))
    }

    /// A file that is removed at the end of the test.
    struct TemporaryFile(PathBuf);

    impl TemporaryFile {
        fn new(name: &str, content: &[u8]) -> Self {
            let path = env::temp_dir().join(format!("msal-{}-{name}", process::id()));
            fs::write(&path, content).unwrap();
            Self(path)
        }
    }

    impl Drop for TemporaryFile {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn the_file_takes_precedence_and_an_empty_variable_counts_as_unset() {
        let file = Source::File(PathBuf::from("/token"));
        let variable = Source::Variable(b"t".to_vec());
        assert!(source(Some("/token"), None) == Ok(file.clone()));
        assert!(source(Some("/token"), Some("t")) == Ok(file));
        assert!(source(Some(""), Some("t")) == Ok(variable.clone()));
        assert!(source(None, Some("t")) == Ok(variable));
    }

    #[test]
    fn without_a_variable_the_error_names_both() {
        for (file, token) in [(None, None), (Some(""), Some(""))] {
            let error = source(file, token).err().unwrap();
            assert_eq!(
                error,
                "neither AZURE_FEDERATED_TOKEN_FILE nor AZURE_FEDERATED_TOKEN is set"
            );
        }
    }

    #[test]
    fn a_file_is_read_again_each_time() {
        let file = TemporaryFile::new("again", b"first");
        let source = Source::File(file.0.clone());
        assert_eq!(source.read().unwrap(), b"first");
        fs::write(&file.0, b"second").unwrap();
        assert_eq!(source.read().unwrap(), b"second");
    }

    #[test]
    fn reading_stops_after_the_size_limit() {
        let file = TemporaryFile::new("long", &[b'a'; 100_000]);
        assert_eq!(Source::File(file.0.clone()).read().unwrap().len(), 65_537);
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let path = env::temp_dir().join("msal-no-such-folder/token");
        let error = Source::File(path).read().unwrap_err();
        assert!(
            error.starts_with("the file of AZURE_FEDERATED_TOKEN_FILE cannot be read: "),
            "{error}"
        );
    }
}
