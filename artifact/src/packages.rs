//! The packages that are compiled into an artifact.

use crate::BuildError;
use crate::recipe::Recipe;
use crate::toolchain;

/// A package of an artifact.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its license, as an SPDX expression.
    pub license: String,
    /// Whether it comes from a registry.
    pub is_published: bool,
}

/// The packages with the features of the recipe, and the standard library. Without build scripts, procedural macros, and what
/// only these and tests need.
pub(crate) fn of(recipe: &Recipe) -> Result<Vec<Package>, BuildError> {
    let mut command = toolchain::cargo("tree");
    command
        .args(["--package", recipe.package, "--target", recipe.target.triple()])
        .args(["--no-default-features", "--features", recipe.features])
        .args(["--edges", "normal,no-proc-macro", "--no-dedupe", "--prefix", "none"])
        .args(["--format", "{p}|{l}"]);
    let tree = toolchain::output(command)?;
    let mut packages =
        tree.lines().map(parse).collect::<Option<Vec<_>>>().ok_or_else(|| {
            BuildError("cargo tree printed a line that is not a package".to_owned())
        })?;
    packages.push(Package {
        name: "std".to_owned(),
        version: env!("CARGO_PKG_RUST_VERSION").to_owned(),
        license: "MIT OR Apache-2.0".to_owned(),
        is_published: false,
    });
    packages.sort();
    packages.dedup();
    Ok(packages)
}

/// Parses `NAME vVERSION (PATH)|LICENSE`; the path is that of a package of the workspace.
fn parse(line: &str) -> Option<Package> {
    let (package, license) = line.split_once('|')?;
    let mut words = package.split(' ');
    Some(Package {
        name: words.next()?.to_owned(),
        version: words.next()?.strip_prefix('v')?.to_owned(),
        // The separator that SPDX had before version 2, which some packages still use.
        license: license.replace('/', " OR "),
        is_published: words.next().is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_cargo_tree_is_a_package() {
        let package = parse("rsa v0.10.0-rc.20|MIT/Apache-2.0").unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("rsa", "0.10.0-rc.20"));
        assert_eq!((package.license.as_str(), package.is_published), ("MIT OR Apache-2.0", true));
        assert!(!parse("msal-wasi v0.1.0 (/some/folder)|MIT").unwrap().is_published);
        for line in ["", "rsa", "rsa v1", "rsa 1|MIT", "|"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
