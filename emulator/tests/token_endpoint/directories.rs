use msal_emulator::Application;
use msal_emulator::ClientSecret;
use msal_emulator::Directory;
use msal_emulator::Emulator;
use msal_emulator::Resource;
use msal_emulator::Tenant;
use msal_emulator::demo;

use crate::client::demo_form;
use crate::client::post;

#[test]
fn a_custom_directory_is_served() {
    let tenant = "77777777-0000-4000-8000-000000000077";
    let directory = Directory::empty()
        .with_tenant(Tenant::new(tenant, &["own.example"]))
        .with_application(
            Application::new("my app").in_tenant("own.example").with_secret(ClientSecret::new("s")),
        )
        .with_resource(Resource::new("api://own", "88888888-0000-4000-8000-000000000088"));
    let emulator = Emulator::builder().directory(directory).start().unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "my app"),
        ("client_secret", "s"),
        ("scope", "api://own/.default"),
    ];
    post(&emulator, "own.example", &form).token();
    assert_eq!(post(&emulator, demo::TENANT, &demo_form()).error().2, 90_002);
}

#[test]
fn an_invalid_directory_is_refused_at_the_start() {
    let directory = Directory::default().with_tenant(Tenant::new("not-a-guid", &[]));
    let error = Emulator::builder().directory(directory).start().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "tenant id \"not-a-guid\" is not a GUID");
}

#[test]
fn an_invalid_change_changes_nothing() {
    let emulator = Emulator::start().unwrap();
    assert!(emulator.register_certificate(demo::CLIENT_ID, b"no certificate").is_err());
    assert!(emulator.register_certificate("unknown", b"").is_err());
    assert!(emulator.add_application(Application::new(demo::CLIENT_ID)).is_err());
    post(&emulator, demo::TENANT, &demo_form()).token();
}

#[test]
fn a_port_in_use_is_named_in_the_error() {
    let emulator = Emulator::start().unwrap();
    let port = emulator.http_address().port();
    let error = Emulator::builder().http_port(port).start().unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

/// The tables of the README: each application and scope in a row, with the code of its answer.
#[test]
fn the_readme_describes_the_demo_directory() {
    let readme = include_str!("../../README.md");
    for tenant in
        [[demo::TENANT, demo::TENANT_DOMAIN], [demo::OTHER_TENANT, demo::OTHER_TENANT_DOMAIN]]
    {
        row_with(readme, &tenant);
    }
    let emulator = Emulator::start().unwrap();
    for (client_id, secret) in [
        (demo::CLIENT_ID, demo::client_secret()),
        (demo::OTHER_CLIENT_ID, demo::other_client_secret()),
        (demo::EXPIRED_CLIENT_ID, demo::unusable_client_secret()),
        (demo::DISABLED_CLIENT_ID, demo::unusable_client_secret()),
        (demo::PUBLIC_CLIENT_ID, demo::unusable_client_secret()),
    ] {
        let row = row_with(readme, &[client_id, secret]);
        check_answer(&emulator, row, client_id, secret, demo::API_SCOPE);
    }
    for scope in [demo::API_SCOPE, demo::OTHER_API_SCOPE, demo::GRAPH_SCOPE, demo::VAULT_SCOPE] {
        let row = row_with(readme, &[scope, "a token"]);
        check_answer(&emulator, row, demo::CLIENT_ID, demo::client_secret(), scope);
    }
    let row = row_with(readme, &[demo::ASSIGNED_API_SCOPE]);
    let (client_id, secret) = (demo::OTHER_CLIENT_ID, demo::other_client_secret());
    check_answer(&emulator, row, client_id, secret, demo::ASSIGNED_API_SCOPE);
}

fn row_with<'a>(readme: &'a str, texts: &[&str]) -> &'a str {
    let is_row = |line: &&str| line.starts_with("| ") && texts.iter().all(|it| line.contains(it));
    readme.lines().find(is_row).unwrap_or_else(|| panic!("no row has {texts:?}"))
}

fn check_answer(emulator: &Emulator, row: &str, client_id: &str, secret: &str, scope: &str) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", scope),
    ];
    let answer = post(emulator, demo::TENANT, &form);
    if row.contains("a token") {
        answer.token();
    } else {
        let (status, _, code) = answer.error();
        assert!(row.contains(&format!("| {status}")), "{status}: {row}");
        assert!(row.contains(&format!("(AADSTS{code})")), "{code}: {row}");
    }
}
