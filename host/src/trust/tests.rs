use std::fs;
use std::path::Path;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::IsCa;
use rcgen::KeyPair;
use tempfile::TempDir;

use super::*;

/// The number of certificates, or the message.
fn read_from(variables: &[(&str, &Path)]) -> Result<Option<usize>, String> {
    let value = |name: &str| {
        let mut set = variables.iter();
        set.find(|(set, _)| *set == name).map(|(_, path)| OsString::from(path))
    };
    from_variables(value).map(|found| found.map(|all| all.len())).map_err(|error| error.to_string())
}

#[test]
fn a_file_and_folders_are_read_together() {
    let folder = folder();
    let (file, full) = (folder.path().join("one.pem"), folder.path().join("full"));
    let both = env::join_paths([folder.path().join("missing"), full.clone()]).unwrap();
    assert_eq!(read_from(&[]), Ok(None));
    assert_eq!(read_from(&[(FILE, &file)]), Ok(Some(1)));
    assert_eq!(read_from(&[(FOLDERS, &full)]), Ok(Some(2)));
    assert_eq!(read_from(&[(FOLDERS, Path::new(&both))]), Ok(Some(2)));
    assert_eq!(read_from(&[(FILE, &file), (FOLDERS, &full)]), Ok(Some(3)));
    assert_eq!(read_from(&[(FOLDERS, Path::new(""))]), Ok(None));
}

/// Reported of tools whose variable has a typing error: they trust other authorities, or none, and say nothing.
#[test]
fn a_variable_without_a_usable_certificate_is_an_error_that_names_it() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    for (variable, name, reason) in [
        (FILE, "missing.pem", "cannot read the file: "),
        (FILE, "text.pem", "the file contains no certificate in PEM format"),
        (FILE, "garbage.pem", "the file contains no certificate in PEM format"),
        (FILE, "empty", "cannot read the file: "),
        (FOLDERS, "missing", "cannot read the folder: "),
        (FOLDERS, "empty", "the folder contains no certificate in PEM format"),
        (FOLDERS, "one.pem", "cannot read the folder: "),
    ] {
        let error = read_from(&[(variable, &path(name))]).unwrap_err();
        assert!(error.starts_with(variable) && error.contains(reason), "{error}");
        assert!(!error.contains(folder.path().to_str().unwrap()), "{error}");
    }
    let error = read_from(&[(FILE, Path::new(""))]).unwrap_err();
    assert!(error.starts_with("SSL_CERT_FILE: cannot read"), "{error}");
    // Good folders do not replace the file, but a good file is enough.
    let error = read_from(&[(FILE, &path("missing.pem")), (FOLDERS, &path("full"))]).unwrap_err();
    assert!(error.starts_with("SSL_CERT_FILE"), "{error}");
    assert_eq!(read_from(&[(FILE, &path("one.pem")), (FOLDERS, &path("empty"))]), Ok(Some(1)));
}

/// Some files, with and without certificates.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("one.pem"), authority()).unwrap();
    fs::write(path("text.pem"), "no certificate").unwrap();
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(path("garbage.pem"), garbage).unwrap();
    fs::create_dir(path("empty")).unwrap();
    fs::create_dir(path("full")).unwrap();
    fs::write(path("full/two.pem"), authority() + &authority()).unwrap();
    fs::write(path("full/text.pem"), "no certificate").unwrap();
    folder
}

fn authority() -> String {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap().pem()
}
