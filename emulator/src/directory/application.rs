use super::ClientSecret;
use super::Directory;
use super::DirectoryError;
use super::FederatedCredential;
use super::RegisteredCertificate;
use super::TrustedSubject;

/// An application and the credentials registered on it.
#[derive(Clone, Debug)]
pub struct Application {
    /// The application (client) ID. Entra's are GUIDs; the emulator accepts any text.
    pub client_id: String,
    /// The display name in error texts.
    pub name: String,
    /// The tenants, by GUID or domain, in which it has a service principal.
    pub tenants: Vec<String>,
    /// Its client secrets. Every secret that has not expired is accepted.
    pub secrets: Vec<ClientSecret>,
    /// Certificates (DER) registered by thumbprint.
    pub certificates: Vec<Vec<u8>>,
    /// A subject name and issuer trusted instead of a thumbprint.
    pub trusted_subject: Option<TrustedSubject>,
    /// Federated identity credentials: assertions signed by another issuer.
    pub federated: Vec<FederatedCredential>,
    /// Whether the application is disabled.
    pub disabled: bool,
    /// Whether it is a public client, which must not present a credential.
    pub public_client: bool,
    /// The application roles that it has on every resource.
    pub roles: Vec<String>,
    /// Whether Conditional Access for workload identities blocks it.
    pub conditional_access_blocked: bool,
    /// Whether its keys do not support `PS256`, as with a key provider without PSS.
    pub rs256_only: bool,
}

impl Application {
    /// An application in no tenant and without credentials.
    pub fn new(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            name: "emulated application".to_owned(),
            tenants: Vec::new(),
            secrets: Vec::new(),
            certificates: Vec::new(),
            trusted_subject: None,
            federated: Vec::new(),
            disabled: false,
            public_client: false,
            roles: Vec::new(),
            conditional_access_blocked: false,
            rs256_only: false,
        }
    }

    /// Adds the application to a tenant, named by GUID or domain.
    #[must_use]
    pub fn in_tenant(mut self, tenant: &str) -> Self {
        self.tenants.push(tenant.to_owned());
        self
    }

    /// Adds a client secret.
    #[must_use]
    pub fn with_secret(mut self, secret: ClientSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Registers a certificate by thumbprint.
    #[must_use]
    pub fn with_certificate(mut self, der: &[u8]) -> Self {
        self.certificates.push(der.to_vec());
        self
    }

    /// Trusts certificates with this subject and issuer.
    #[must_use]
    pub fn with_trusted_subject(mut self, subject: &str, issuer: &str) -> Self {
        let (subject, issuer) = (subject.to_owned(), issuer.to_owned());
        self.trusted_subject = Some(TrustedSubject { subject, issuer });
        self
    }

    /// Adds a federated identity credential.
    #[must_use]
    pub fn with_federated(mut self, credential: FederatedCredential) -> Self {
        self.federated.push(credential);
        self
    }

    /// Refuses assertions signed with `PS256`, as Entra does for some keys (AADSTS5002730).
    #[must_use]
    pub fn rs256_only(mut self) -> Self {
        self.rs256_only = true;
        self
    }

    /// Grants an application role.
    #[must_use]
    pub fn with_role(mut self, role: &str) -> Self {
        self.roles.push(role.to_owned());
        self
    }

    pub(super) fn validate(&self, directory: &Directory) -> Result<(), DirectoryError> {
        let id = &self.client_id;
        let refuse =
            |reason: String| Err(DirectoryError::new(format!("application {id} {reason}")));
        if id.is_empty() {
            return Err(DirectoryError::new("an application has an empty client id"));
        }
        if self.tenants.is_empty() {
            return refuse("is in no tenant".to_owned());
        }
        if let Some(tenant) = self.tenants.iter().find(|name| directory.tenant(name).is_none()) {
            return refuse(format!("is in tenant {tenant}, which is unknown"));
        }
        if self.secrets.iter().any(|secret| secret.value.is_empty()) {
            return refuse("has an empty secret".to_owned());
        }
        for der in &self.certificates {
            if let Err(reason) = RegisteredCertificate::parse(der) {
                return refuse(format!("has a certificate that {reason}"));
            }
        }
        for credential in &self.federated {
            if let Err(reason) = credential.keys() {
                return refuse(format!("has a federated credential that {reason}"));
            }
        }
        Ok(())
    }
}
