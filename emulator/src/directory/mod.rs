//! The emulated directory: tenants, applications and resources.

mod application;
mod certificate;
mod client_secret;
mod error;
mod federated_credential;
mod oidc_issuer;
mod resource;
mod tenant;
mod trusted_subject;

pub use application::Application;
pub(crate) use certificate::RegisteredCertificate;
pub(crate) use certificate::Thumbprint;
pub use client_secret::ClientSecret;
pub use error::DirectoryError;
pub use federated_credential::FederatedCredential;
pub(crate) use federated_credential::IssuerKey;
pub use oidc_issuer::OidcIssuer;
pub use resource::Resource;
pub use resource::ResourceVersion;
pub use tenant::Tenant;
pub(crate) use tenant::is_domain;
pub use trusted_subject::TrustedSubject;

use crate::demo_directory;

/// The tenants, applications and resources that an [`Emulator`](crate::Emulator) answers for.
///
/// [`Directory::default`] contains the entries of [`demo`](crate::demo); [`Directory::empty`] contains
/// none. Entries are validated when an emulator starts or is updated.
#[derive(Clone, Debug)]
pub struct Directory {
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// The applications. One entry covers all tenants of the application.
    pub applications: Vec<Application>,
    /// The resources, each of which exists in every tenant.
    pub resources: Vec<Resource>,
    /// Root certificates (DER) for chains in `x5c`, besides the emulator's own.
    pub trusted_roots: Vec<Vec<u8>>,
    /// Hosts in instance discovery, besides those of Entra's clouds.
    pub instances: Vec<String>,
    /// OpenID Connect issuers, each below its own path.
    pub oidc_issuers: Vec<OidcIssuer>,
}

impl Directory {
    /// A directory without entries.
    pub fn empty() -> Self {
        Self {
            tenants: Vec::new(),
            applications: Vec::new(),
            resources: Vec::new(),
            trusted_roots: Vec::new(),
            instances: Vec::new(),
            oidc_issuers: Vec::new(),
        }
    }

    /// Adds a tenant.
    #[must_use]
    pub fn with_tenant(mut self, tenant: Tenant) -> Self {
        self.tenants.push(tenant);
        self
    }

    /// Adds an application.
    #[must_use]
    pub fn with_application(mut self, application: Application) -> Self {
        self.applications.push(application);
        self
    }

    /// Adds a resource.
    #[must_use]
    pub fn with_resource(mut self, resource: Resource) -> Self {
        self.resources.push(resource);
        self
    }

    /// Adds a trusted root for certificate chains.
    #[must_use]
    pub fn with_trusted_root(mut self, der: &[u8]) -> Self {
        self.trusted_roots.push(der.to_vec());
        self
    }

    /// Adds a host to instance discovery.
    #[must_use]
    pub fn with_instance(mut self, host: &str) -> Self {
        self.instances.push(host.to_owned());
        self
    }

    /// Adds an OpenID Connect issuer.
    #[must_use]
    pub fn with_oidc_issuer(mut self, issuer: OidcIssuer) -> Self {
        self.oidc_issuers.push(issuer);
        self
    }

    /// The tenant with this GUID (in any case) or verified domain.
    pub fn tenant(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.is_named(name))
    }

    /// The application with this client ID, in any tenant.
    pub fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.iter().find(|entry| entry.client_id.eq_ignore_ascii_case(client_id))
    }

    /// The application with this client ID, mutable.
    pub fn application_mut(&mut self, client_id: &str) -> Option<&mut Application> {
        self.applications.iter_mut().find(|entry| entry.client_id.eq_ignore_ascii_case(client_id))
    }

    /// The resource with this identifier URI or application ID.
    pub fn resource(&self, identifier: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.is_named(identifier))
    }

    /// Checks every entry.
    ///
    /// # Errors
    /// The first invalid entry, with the reason.
    pub fn validate(&self) -> Result<(), DirectoryError> {
        for (index, tenant) in self.tenants.iter().enumerate() {
            tenant.validate()?;
            let names = || std::iter::once(&tenant.id).chain(&tenant.domains);
            for earlier in &self.tenants[..index] {
                if let Some(name) = names().find(|name| earlier.is_named(name)) {
                    return Err(DirectoryError::new(format!("tenant {name} is defined twice")));
                }
            }
        }
        for (index, application) in self.applications.iter().enumerate() {
            application.validate(self)?;
            let id = &application.client_id;
            if self.applications[..index].iter().any(|it| it.client_id.eq_ignore_ascii_case(id)) {
                return Err(DirectoryError::new(format!("application {id} is defined twice")));
            }
        }
        for (index, resource) in self.resources.iter().enumerate() {
            resource.validate()?;
            if self.resources[..index].iter().any(|earlier| earlier.is_named(&resource.identifier))
            {
                return Err(DirectoryError::new(format!(
                    "resource {} is defined twice",
                    resource.identifier
                )));
            }
        }
        for (index, issuer) in self.oidc_issuers.iter().enumerate() {
            issuer.validate(self)?;
            if self.oidc_issuers[..index].iter().any(|earlier| earlier.prefix == issuer.prefix) {
                let prefix = &issuer.prefix;
                return Err(DirectoryError::new(format!(
                    "OIDC issuer {prefix:?} is defined twice"
                )));
            }
        }
        for root in &self.trusted_roots {
            RegisteredCertificate::parse(root)
                .map_err(|reason| DirectoryError::new(format!("a trusted root {reason}")))?;
        }
        Ok(())
    }
}

impl Default for Directory {
    fn default() -> Self {
        demo_directory::demo_directory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo;

    #[test]
    fn the_demo_directory_is_valid() {
        Directory::default().validate().unwrap();
    }

    #[test]
    fn a_domain_and_its_guid_are_the_same_tenant() {
        let directory = Directory::default();
        let by_domain = directory.tenant("Contoso.onmicrosoft.com").unwrap();
        assert_eq!(by_domain.id, directory.tenant(&demo::TENANT.to_uppercase()).unwrap().id);
    }

    #[test]
    fn an_application_without_a_tenant_is_refused() {
        let directory = Directory::empty().with_application(Application::new("lonely"));
        assert_eq!(
            directory.validate().unwrap_err().to_string(),
            "application lonely is in no tenant"
        );
    }

    #[test]
    fn each_issuer_needs_its_own_path() {
        let reason = |directory: Directory| directory.validate().unwrap_err().to_string();
        let with = |prefix: &str| Directory::default().with_oidc_issuer(OidcIssuer::new(prefix));
        assert_eq!(reason(with("no-slash")), "OIDC issuer \"no-slash\" has an invalid path");
        let twice = with("/a").with_oidc_issuer(OidcIssuer::new("/a/"));
        assert_eq!(reason(twice), "OIDC issuer \"/a\" is defined twice");
    }

    #[test]
    fn two_tenants_cannot_share_a_domain() {
        let directory = Directory::default()
            .with_tenant(Tenant::new("99999999-0000-4000-8000-000000000009", &["contoso.com"]));
        assert_eq!(
            directory.validate().unwrap_err().to_string(),
            "tenant contoso.com is defined twice"
        );
    }
}
