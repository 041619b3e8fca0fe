//! The contract is usable alone: guests are encoded from `wit/`, which names no other package.

use std::path::Path;

use wit_component::ComponentEncoder;
use wit_component::StringEncoding;
use wit_component::dummy_module;
use wit_component::embed_component_metadata;
use wit_parser::ManglingAndAbi;
use wit_parser::PackageId;
use wit_parser::Resolve;

use crate::interfaces;

#[test]
fn the_contract_names_no_other_package() {
    let (contract, _) = contract();
    let packages: Vec<_> =
        contract.packages.iter().map(|(_, package)| package.name.to_string()).collect();
    assert_eq!(packages, ["msal:client-credentials@0.1.0"]);
}

#[test]
fn a_guest_with_a_credential_is_encoded_from_the_contract_alone() {
    let [imports, _] = interfaces(&encode_guest("consumer"));
    assert_eq!(imports, ["msal:client-credentials/client-credentials@0.1.0"]);
}

#[test]
fn a_guest_without_a_credential_is_encoded_from_the_contract_alone() {
    let [imports, _] = interfaces(&encode_guest("token-consumer"));
    assert_eq!(imports, ["msal:client-credentials/token-provider@0.1.0"]);
}

#[test]
fn the_components_worlds_parse_with_the_contract_in_front() {
    let (mut resolve, _) = contract();
    let (components, _) = resolve.push_dir(root().join("wit/component")).unwrap();
    let worlds: Vec<_> = resolve.packages[components].worlds.keys().map(String::as_str).collect();
    for world in
        ["draft2", "draft", "draft2-store-only", "memory", "draft2-provider", "signing-provider"]
    {
        assert!(worlds.contains(&world), "{world} is not in {worlds:?}");
    }
}

fn contract() -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(root().join("wit")).unwrap();
    (resolve, package)
}

/// A component that imports what the world imports, and traps when it is called.
fn encode_guest(world: &str) -> Vec<u8> {
    let (resolve, package) = contract();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
