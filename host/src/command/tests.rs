use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

#[test]
fn the_command_line_is_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn the_demonstration_needs_no_command() {
    assert!(parse(&[]).unwrap().command.is_none());
}

#[test]
fn every_documented_flag_of_acquire_is_there() {
    let mut arguments = ACQUIRE.to_vec();
    arguments.extend(["--certificate", "f.pem", "--passphrase-file", "p", "--send-x5c"]);
    arguments.extend(["--alg", "RS256", "--store", "redis://h:1", "--store-name", "n"]);
    arguments.extend(["--count", "9", "--concurrency", "3", "--ca-certificate", "ca.pem"]);
    arguments.extend([
        "--resolve",
        "h:1:127.0.0.1",
        "--allow-insecure-loopback",
        "--force-refresh",
    ]);
    arguments.extend(["--claims", "{}", "--tenant", "t", "--deadline-ms", "5", "--output", "json"]);
    arguments.extend(["--show-token", "--component", "c.wasm", "--authority-type", "generic"]);
    arguments.extend(["--cache-key-file", "a", "--cache-key-file", "b"]);
    arguments.extend(["--region", "westeurope", "--capability", "cp1", "--fmi-path", "a/b"]);
    arguments.extend([
        "--claims-from-client",
        "{}",
        "--attributes",
        "{}",
        "--attribute-token",
        "t",
    ]);
    arguments.extend(["--body-parameter", "a=b", "--query-parameter", "a=b", "--header", "a=b"]);
    arguments.extend([
        "--refresh-policy",
        "deferred",
        "--refresh-if-sha256",
        "0",
        "--extra-claims",
    ]);
    arguments.extend(["{}", "--extra-assertion-claims", "{}", "--correlation-id", "c"]);
    arguments.extend(["--minimum-validity-seconds", "9", "--validate-authority"]);
    arguments.extend(["--instance-metadata-file", "m"]);
    assert!(parse(&arguments).is_ok());
    let mut arguments = ACQUIRE.to_vec();
    arguments.extend(["--assertion-file", "a", "--component", "c.wasm", "--alg", "ps256"]);
    assert_eq!(kind(&arguments), ErrorKind::MissingRequiredArgument, "--alg is for --certificate");
}

#[test]
fn a_store_is_named_once_and_its_password_is_in_no_debug_output() {
    let mut arguments = ACQUIRE.to_vec();
    arguments.extend(["--client-secret-file", "f", "--store", "rediss://u:hidden@h:1"]);
    arguments.extend(["--store-ca-certificate", "a.pem", "--store-ca-certificate", "b.pem"]);
    let text = format!("{:?}", parse(&arguments).unwrap());
    assert!(text.contains("b.pem") && !text.contains("hidden"), "{text}");
    arguments.extend(["--store-file", "f"]);
    assert_eq!(kind(&arguments), ErrorKind::ArgumentConflict);
}

#[test]
fn acquire_takes_one_credential_or_several() {
    assert_eq!(kind(&ACQUIRE), ErrorKind::MissingRequiredArgument);
    let mut arguments = ACQUIRE.to_vec();
    arguments.extend([
        "--client-secret-file",
        "a",
        "--certificate",
        "b",
        "--client-secret-file",
        "c",
    ]);
    arguments.extend(["--certificate", "d", "--passphrase-file", "e", "--passphrase-file", "f"]);
    arguments.extend(["--assertion-file", "g"]);
    assert!(parse(&arguments).is_ok());
    arguments.extend(["--federated-token-file", "h"]);
    assert_eq!(kind(&arguments), ErrorKind::ArgumentConflict, "two assertions");
}

#[test]
fn a_private_value_of_a_request_is_not_shown() {
    let mut arguments = ACQUIRE.to_vec();
    arguments.extend(["--federated-token-file", "a", "--header", "NAME=hidden=value"]);
    arguments.extend(["--attribute-token", "hidden"]);
    let text = format!("{:?}", parse(&arguments).unwrap());
    assert!(text.contains("NAME") && !text.contains("hidden"), "{text}");
}

#[test]
fn caches_are_exported_and_imported() {
    let application =
        ["--authority", "tenant", "--client-id", "client", "--client-secret-file", "s"];
    let export = ["cache", "export", "--scope", "a", "--scope", "b", "--into", "f"];
    assert!(parse(&[&export[..], &application].concat()).is_ok());
    let import = ["cache", "import", "--file", "f", "--output", "json"];
    assert!(parse(&[&import[..], &application].concat()).is_ok());
    assert_eq!(kind(&["cache", "export", "--scope", "a"]), ErrorKind::MissingRequiredArgument);
}

#[test]
fn counts_are_at_least_one() {
    for flag in ["--count", "--concurrency"] {
        let mut arguments = ACQUIRE.to_vec();
        arguments.extend(["--client-secret-file", "a", flag, "0"]);
        assert_eq!(kind(&arguments), ErrorKind::ValueValidation, "{flag}");
    }
}

#[test]
fn a_variable_for_serve_has_a_name_and_its_value_is_not_shown() {
    let arguments = ["serve", "app.wasm", "--env", "NAME=hidden=value", "--env", "EMPTY="];
    let text = format!("{:?}", parse(&arguments).unwrap());
    assert!(text.contains("NAME") && !text.contains("hidden"), "{text}");
    assert_eq!(kind(&["serve", "app.wasm", "--env", "=x"]), ErrorKind::ValueValidation);
}

const ACQUIRE: [&str; 7] =
    ["acquire", "--authority", "tenant", "--client-id", "client", "--scope", "scope"];

fn parse(arguments: &[&str]) -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse_from(["msal-host"].iter().chain(arguments))
}

fn kind(arguments: &[&str]) -> ErrorKind {
    parse(arguments).unwrap_err().kind()
}
