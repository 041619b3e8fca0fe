//! Isolation: code that may ask for tokens and has no other right.

use crate::CompositionError;
use crate::Interfaces;
use crate::compose;
use crate::satisfies;

/// Plugs a guard into code that will be composed with a configured component, and refuses code with an import that would
/// still give it a right. Outgoing HTTP is left to the code unless the guard takes it.
///
/// A composition has the rights of all its parts: without this, the code could read the credential where the configured
/// component reads it.
pub fn isolate(code: &[u8], guard: &[u8]) -> Result<Vec<u8>, CompositionError> {
    let taken = Interfaces::of(guard)?.exports;
    let is_taken = |import: &String| taken.iter().any(|export| satisfies(export, import));
    let isolated = match Interfaces::of(code)?.imports.iter().any(is_taken) {
        true => compose(code, guard)?,
        false => code.to_vec(),
    };
    let mut rights = Interfaces::of(&isolated)?.imports;
    rights.retain(|import| !is_harmless(import) && !is_outgoing_http(import));
    if rights.is_empty() {
        return Ok(isolated);
    }
    Err(CompositionError(format!(
        "it imports {}, which the guard does not take from it; build it without",
        rights.join(", ")
    )))
}

/// Whether an import gives no access to a variable, a file, a store, a network or a process.
fn is_harmless(import: &str) -> bool {
    let interface = import.split('@').next().unwrap_or_default();
    match interface.split_once('/') {
        Some(("wasi:clocks" | "wasi:io" | "wasi:random", _)) => true,
        Some(("wasi:cli", name)) => {
            matches!(name, "exit" | "stdin" | "stdout" | "stderr") || name.starts_with("terminal-")
        }
        _ => matches!(interface, "msal:client-credentials/token-provider" | "wasi:http/types"),
    }
}

fn is_outgoing_http(import: &str) -> bool {
    import.starts_with("wasi:http/outgoing-handler@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_that_is_not_known_to_be_harmless_is_a_right() {
        for import in [
            "wasi:clocks/wall-clock@0.2.6",
            "wasi:cli/stderr@0.2.6",
            "wasi:cli/terminal-stdin@0.2.6",
            "wasi:http/types@0.2.6",
            "msal:client-credentials/token-provider@0.1.0",
        ] {
            assert!(is_harmless(import), "{import}");
        }
        for import in [
            "wasi:cli/environment@0.2.6",
            "wasi:config/store@0.2.0-rc.1",
            "wasi:filesystem/preopens@0.2.6",
            "wasi:http/outgoing-handler@0.2.6",
            "wasi:http/client@0.3.0",
            "wasi:sockets/tcp@0.2.6",
            "fermyon:spin/variables@2.0.0",
            "msal:client-credentials/client-credentials@0.1.0",
            "msal:client-credentials/signer@0.1.0",
            "environment",
            "",
        ] {
            assert!(!is_harmless(import), "{import}");
        }
    }
}
