//! The packages in a file, in CycloneDX.

use std::collections::BTreeSet;
use std::error::Error;

use cyclonedx_bom::external_models::spdx::SpdxExpression;
use cyclonedx_bom::models::component::Classification;
use cyclonedx_bom::models::component::Component;
use cyclonedx_bom::models::component::Components;
use cyclonedx_bom::models::hash::Hash;
use cyclonedx_bom::models::hash::HashAlgorithm;
use cyclonedx_bom::models::hash::HashValue;
use cyclonedx_bom::models::hash::Hashes;
use cyclonedx_bom::models::license::LicenseChoice;
use cyclonedx_bom::models::license::Licenses;
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::prelude::Bom;
use cyclonedx_bom::prelude::NormalizedString;
use cyclonedx_bom::prelude::Purl;
use cyclonedx_bom::prelude::SpecVersion;
use cyclonedx_bom::prelude::Validate;
use msal_artifact::Package;
use msal_artifact::Shipped;

/// The packages that were compiled into the file, and the standard library. Packages that only ran during the build are not
/// in it. Without a serial number and a time, so that the same file always has the same bill.
pub(crate) fn bill_of_materials(
    shipped: &Shipped,
    sha256: &str,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut packages = BTreeSet::new();
    for &part in shipped.parts {
        packages.extend(msal_artifact::packages(part)?);
    }
    let mut file = Component::new(
        Classification::Application,
        shipped.file_name,
        env!("CARGO_PKG_VERSION"),
        Some(shipped.file_name.to_owned()),
    );
    file.hashes = Some(Hashes(vec![Hash {
        alg: HashAlgorithm::SHA_256,
        content: HashValue(sha256.to_owned()),
    }]));
    file.licenses = Some(licenses(env!("CARGO_PKG_LICENSE")));
    file.description = Some(NormalizedString::new(shipped.host));
    let components = packages.iter().map(component).collect::<Result<Vec<_>, _>>()?;
    let bom = Bom {
        serial_number: None,
        metadata: Some(Metadata { component: Some(file), ..Metadata::default() }),
        components: Some(Components(components)),
        ..Bom::default()
    };
    let validity = bom.validate_version(VERSION);
    if !validity.passed() {
        return Err(format!(
            "{}: the bill of materials is not valid: {validity:?}",
            shipped.file_name
        )
        .into());
    }
    let mut json = Vec::new();
    bom.output_as_json(&mut json, VERSION)?;
    json.push(b'\n');
    Ok(json)
}

fn component(package: &Package) -> Result<Component, Box<dyn Error>> {
    let purl = Purl::new("cargo", &package.name, &package.version)?;
    let reference = Some(purl.to_string());
    let mut component =
        Component::new(Classification::Library, &package.name, &package.version, reference);
    // Those of this workspace are in no registry.
    component.purl = package.is_published.then_some(purl);
    component.licenses = Some(licenses(&package.license));
    Ok(component)
}

fn licenses(expression: &str) -> Licenses {
    Licenses(vec![LicenseChoice::Expression(SpdxExpression::new(expression))])
}

const VERSION: SpecVersion = SpecVersion::V1_5;
