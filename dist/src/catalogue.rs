//! The table of the files.

/// A file that was built.
#[derive(Debug)]
pub struct Entry {
    /// Its name, without a folder.
    pub file_name: &'static str,
    /// Which host it is for, in a line.
    pub host: &'static str,
    /// Its size in bytes.
    pub size: usize,
    /// The interfaces that its host must provide.
    pub imports: Vec<String>,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The digest of its manifest in a registry.
    pub image_digest: String,
}

pub(crate) fn catalogue(entries: &[Entry]) -> String {
    let mut text = String::from(
        "# msal-wasi\n\nBeside each file: its interfaces as text (`.wit`) and its bill of materials (`.cdx.json`, CycloneDX).\n\
         `sha256sum --check SHA256SUMS` checks the files.\n\n| file | for | bytes | imports |\n| --- | --- | --- | --- |\n",
    );
    for entry in entries {
        let imports: Vec<_> = entry.imports.iter().map(|name| format!("`{name}`")).collect();
        let imports = if imports.is_empty() { "none".to_owned() } else { imports.join(", ") };
        text.push_str(&format!(
            "| `{}` | {} | {} | {imports} |\n",
            entry.file_name, entry.host, entry.size
        ));
    }
    text.push_str(&format!(
        "\n`oci/NAME` is the OCI image layout of `NAME.wasm`. `skopeo copy oci:oci/NAME:{VERSION} docker://REGISTRY/NAME:{VERSION}` \
         copies it into a registry, where it has this digest:\n\n| name | digest |\n| --- | --- |\n"
    ));
    for entry in entries {
        let name = entry.file_name.trim_end_matches(".wasm");
        text.push_str(&format!("| `{name}` | `{}` |\n", entry.image_digest));
    }
    text
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
