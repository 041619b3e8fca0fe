//! The entries of the default directory.

use crate::directory::Application;
use crate::directory::ClientSecret;
use crate::directory::Directory;
use crate::directory::Resource;
use crate::directory::Tenant;

/// Names and secrets of the default [`Directory`](crate::Directory).
pub mod demo {
    /// The tenant `contoso.onmicrosoft.com`, also `contoso.com`.
    pub const TENANT: &str = "c0970500-0000-4000-8000-000000000001";
    /// A verified domain of [`TENANT`].
    pub const TENANT_DOMAIN: &str = "contoso.onmicrosoft.com";
    /// The tenant `fabrikam.onmicrosoft.com`.
    pub const OTHER_TENANT: &str = "fab21ca0-0000-4000-8000-000000000002";
    /// A verified domain of [`OTHER_TENANT`].
    pub const OTHER_TENANT_DOMAIN: &str = "fabrikam.onmicrosoft.com";
    /// An application present in both tenants, with the role `Demo.Read`.
    pub const CLIENT_ID: &str = "11111111-aaaa-4000-8000-000000000011";
    /// Another application, present in both tenants.
    pub const OTHER_CLIENT_ID: &str = "22222222-aaaa-4000-8000-000000000022";
    /// An application whose one secret has expired.
    pub const EXPIRED_CLIENT_ID: &str = "33333333-aaaa-4000-8000-000000000033";
    /// An application that is disabled.
    pub const DISABLED_CLIENT_ID: &str = "44444444-aaaa-4000-8000-000000000044";
    /// An application that is a public client.
    pub const PUBLIC_CLIENT_ID: &str = "55555555-aaaa-4000-8000-000000000055";
    /// A resource with version 2 tokens.
    pub const API: &str = "api://demo";
    /// The scope of [`API`].
    pub const API_SCOPE: &str = "api://demo/.default";
    /// A second resource with version 2 tokens.
    pub const OTHER_API_SCOPE: &str = "api://other/.default";
    /// A resource that refuses applications without a role.
    pub const ASSIGNED_API_SCOPE: &str = "api://assigned/.default";
    /// The scope of Microsoft Graph, a resource with version 1 tokens.
    pub const GRAPH_SCOPE: &str = "https://graph.microsoft.com/.default";
    /// The scope of Key Vault, a resource with version 1 tokens.
    pub const VAULT_SCOPE: &str = "https://vault.azure.net/.default";

    /// The secret of [`CLIENT_ID`]. Its characters test the client's percent-encoding.
    pub fn client_secret() -> &'static str {
        "emulator-only~secret+with/odd=chars & spaces?"
    }

    /// The secret of [`OTHER_CLIENT_ID`].
    pub fn other_client_secret() -> &'static str {
        "emulator-only~other+secret%41"
    }

    /// The secret of [`EXPIRED_CLIENT_ID`], [`DISABLED_CLIENT_ID`] and [`PUBLIC_CLIENT_ID`].
    pub fn unusable_client_secret() -> &'static str {
        "emulator-only~unusable"
    }
}

pub(crate) fn demo_directory() -> Directory {
    let everywhere = |client_id: &str| {
        Application::new(client_id).in_tenant(demo::TENANT).in_tenant(demo::OTHER_TENANT)
    };
    let unusable =
        |secret: ClientSecret, client_id: &str| everywhere(client_id).with_secret(secret);
    let secret = || ClientSecret::new(demo::unusable_client_secret());

    let expired = ClientSecret::expired(demo::unusable_client_secret());
    let mut disabled = unusable(secret(), demo::DISABLED_CLIENT_ID);
    disabled.disabled = true;
    let mut public = unusable(secret(), demo::PUBLIC_CLIENT_ID);
    public.public_client = true;

    Directory::empty()
        .with_tenant(Tenant::new(demo::TENANT, &[demo::TENANT_DOMAIN, "contoso.com"]))
        .with_tenant(Tenant::new(demo::OTHER_TENANT, &[demo::OTHER_TENANT_DOMAIN]))
        .with_application(
            everywhere(demo::CLIENT_ID)
                .with_secret(ClientSecret::new(demo::client_secret()))
                .with_role("Demo.Read"),
        )
        .with_application(
            everywhere(demo::OTHER_CLIENT_ID)
                .with_secret(ClientSecret::new(demo::other_client_secret())),
        )
        .with_application(unusable(expired, demo::EXPIRED_CLIENT_ID))
        .with_application(disabled)
        .with_application(public)
        .with_resource(Resource::new(demo::API, "a0000000-0000-4000-8000-0000000000a1"))
        .with_resource(Resource::new("api://other", "a0000000-0000-4000-8000-0000000000a2"))
        .with_resource(
            Resource::new("api://assigned", "a0000000-0000-4000-8000-0000000000a3")
                .with_assignment_required(),
        )
        .with_resource(
            // Microsoft's application IDs of Graph and Key Vault.
            Resource::new("https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000")
                .with_version_1_tokens(),
        )
        .with_resource(
            Resource::new("https://vault.azure.net", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093")
                .with_version_1_tokens(),
        )
}
