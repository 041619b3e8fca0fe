use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

#[test]
fn the_command_line_is_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn no_command_is_the_demonstration() {
    assert!(parse(&[]).unwrap().command.is_none());
}

#[test]
fn every_documented_flag_of_acquire_is_there() {
    let mut words = ACQUIRE.to_vec();
    words.extend(["--certificate", "f.pem", "--passphrase-file", "p", "--send-x5c"]);
    words.extend(["--alg", "RS256", "--store", "redis://h:1", "--store-name", "n"]);
    words.extend(["--count", "9", "--concurrency", "3", "--ca-certificate", "ca.pem"]);
    words.extend(["--resolve", "h:1:127.0.0.1", "--allow-insecure-loopback", "--force-refresh"]);
    words.extend(["--claims", "{}", "--tenant", "t", "--deadline-ms", "5", "--output", "json"]);
    words.extend(["--show-token", "--flavour", "draft", "--authority-type", "generic"]);
    words.extend(["--cache-key-file", "a", "--cache-key-file", "b"]);
    assert!(parse(&words).is_ok());
    let mut words = ACQUIRE.to_vec();
    words.extend(["--assertion-file", "a", "--component", "c.wasm", "--alg", "ps256"]);
    assert_eq!(kind(&words), ErrorKind::ArgumentConflict, "--alg is for --certificate");
}

#[test]
fn acquire_takes_exactly_one_credential() {
    assert_eq!(kind(&ACQUIRE), ErrorKind::MissingRequiredArgument);
    let mut words = ACQUIRE.to_vec();
    words.extend(["--client-secret-file", "a", "--certificate", "b"]);
    assert_eq!(kind(&words), ErrorKind::ArgumentConflict);
}

#[test]
fn counts_are_at_least_one() {
    for flag in ["--count", "--concurrency"] {
        let mut words = ACQUIRE.to_vec();
        words.extend(["--client-secret-file", "a", flag, "0"]);
        assert_eq!(kind(&words), ErrorKind::ValueValidation, "{flag}");
    }
}

#[test]
fn a_variable_for_serve_has_a_name_and_its_value_is_not_shown() {
    let words = ["serve", "app.wasm", "--env", "NAME=hidden=value", "--env", "EMPTY="];
    let text = format!("{:?}", parse(&words).unwrap());
    assert!(text.contains("NAME") && !text.contains("hidden"), "{text}");
    assert_eq!(kind(&["serve", "app.wasm", "--env", "=x"]), ErrorKind::ValueValidation);
}

const ACQUIRE: [&str; 7] =
    ["acquire", "--authority", "tenant", "--client-id", "client", "--scope", "scope"];

fn parse(words: &[&str]) -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse_from(["msal-host"].iter().chain(words))
}

fn kind(words: &[&str]) -> ErrorKind {
    parse(words).unwrap_err().kind()
}
