//! `certificate convert`, and files that only the host reads.

use std::fs;

use super::*;

/// The old forms are what people report that a newer OpenSSL, .NET or Java no longer reads.
#[test]
fn a_file_of_any_form_is_converted_and_used() {
    let here = Here::new();
    here.register_certificate();
    let passphrase = here.write("passphrase", "hunter2\r\n");
    let mut converted = Vec::new();
    for name in ["scrypt.pem", "md5-des.pem", "traditional-aes192.pem", "rc4-40.pfx"] {
        let file = here.write(name, key_file(&format!("old/{name}")));
        // As it is.
        let run = here.acquire(&["--certificate", &file, "--passphrase-file", &passphrase]);
        run.assert_success();
        // Converted.
        let new = here.path(&format!("{name}.new")).display().to_string();
        let run = convert(&[&file, &new, "--passphrase-file", &passphrase]);
        run.assert_success();
        assert_eq!(run.both().trim(), "");
        here.acquire(&["--certificate", &new]).assert_success();
        converted.push(fs::read_to_string(&new).unwrap());
    }
    assert!(converted.iter().all(|text| *text == converted[0]), "one key has one form");
    assert!(converted[0].starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(converted[0].contains("-----BEGIN CERTIFICATE-----\n"));
}

/// The key of the cache is derived from the file as it is passed on.
#[test]
fn a_token_of_a_converted_file_is_read_from_the_cache() {
    let here = Here::new();
    here.register_certificate();
    let passphrase = here.write("passphrase", "hunter2");
    let file = here.write("scrypt.pem", key_file("old/scrypt.pem"));
    let store = format!("sqlite:{}", here.path("store.db").display());
    for source in ["identity-provider", "cache"] {
        let words = ["--certificate", &file, "--passphrase-file", &passphrase, "--store", &store];
        let run = here.acquire(&words);
        assert!(run.out.starts_with(source), "{run:?}");
    }
}

#[test]
fn a_chain_is_converted_with_its_key() {
    let here = Here::new();
    let passphrase = here.write("passphrase", PASSPHRASE);
    let (file, new) = (here.write("chain.pfx", key_file("chain.pfx")), here.path("new.pem"));
    let new = new.display().to_string();
    convert(&[&file, &new, "--passphrase-file", &passphrase]).assert_success();
    let pem = fs::read_to_string(&new).unwrap();
    assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 3, "leaf, intermediate and root");
}

#[test]
fn a_conversion_that_fails_names_the_argument_and_writes_nothing() {
    let here = Here::new();
    let passphrase = here.write("passphrase", "hunter2");
    let wrong = here.write("wrong", "needle");
    let pfx = here.write("rc4-40.pfx", key_file("old/rc4-40.pfx"));
    let jks = here.write("app.jks", key_file("others/app.jks"));
    let bare = here.write("bare.der", key_file("rsa2048.certificate.der"));
    let new = here.path("new.pem").display().to_string();
    let elsewhere = here.path("no-folder/new.pem").display().to_string();
    for (words, text) in [
        (&[&pfx, &new, "--passphrase-file", &wrong][..], "IN: the file cannot be decrypted"),
        (&[&pfx, &new], "IN: the file cannot be decrypted"),
        (&[&jks, &new, "--passphrase-file", &passphrase], "keytool"),
        (&[&bare, &new], "IN: the file is a certificate without its private key"),
        (&["needle", &new], "IN: cannot read the file"),
        (&[&pfx, &elsewhere, "--passphrase-file", &passphrase], "OUT: cannot write"),
        (&[&pfx, &pfx, "--passphrase-file", &passphrase], "OUT: cannot write"),
    ] {
        let run = convert(words);
        run.assert_one_error(text);
        here.assert_nothing_shown(&run);
        assert!(!here.path("new.pem").exists());
    }
    assert_eq!(fs::read(&pfx).unwrap(), key_file("old/rc4-40.pfx"), "the input is unchanged");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_converted_file() {
    use std::os::unix::fs::PermissionsExt;

    let here = Here::new();
    let (file, new) = (here.write("a.pem", key_file("rsa2048.pem")), here.path("new.pem"));
    convert(&[&file, &new.display().to_string()]).assert_success();
    assert_eq!(fs::metadata(new).unwrap().permissions().mode() & 0o777, 0o600);
}

fn convert(words: &[&str]) -> Run {
    Run::of(command_line().args(["certificate", "convert"]).args(words))
}
