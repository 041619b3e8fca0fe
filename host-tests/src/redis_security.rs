//! TLS and passwords for a private Redis server.

use std::fs;
use std::path::Path;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::IsCa;
use rcgen::KeyPair;
use tempfile::TempDir;

/// A new authority, a certificate for the server, and the passwords of the default user and of [`RedisSecurity::USER`].
pub struct RedisSecurity {
    folder: TempDir,
}

impl RedisSecurity {
    /// The password of the default user.
    pub const PASSWORD: &str = "hidden-default-password";

    /// A further user, who may do everything.
    pub const USER: &str = "cache";

    /// The password of [`RedisSecurity::USER`], with characters that a URL must encode.
    pub const USER_PASSWORD: &str = "hidden/user#pass@word";

    /// The same in percent-encoding.
    pub const ENCODED_USER_PASSWORD: &str = "hidden%2Fuser%23pass%40word";

    /// With a certificate for this name or address.
    pub fn for_name(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("valid parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a valid name");
        let certificate = params.signed_by(&key, &authority).expect("a certificate");

        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, content: &str| {
            fs::write(folder.path().join(name), content).expect("a writable folder")
        };
        write(CERTIFICATE, &certificate.pem());
        write(KEY, &key.serialize_pem());
        write(AUTHORITY, &authority.pem());
        Self { folder }
    }

    /// The file with the certificate of the authority.
    pub fn authority_file(&self) -> String {
        display(&self.folder.path().join(AUTHORITY))
    }

    /// The arguments of `redis-server`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let file = |name: &str| display(&self.folder.path().join(name));
        let user_password = format!(">{}", Self::USER_PASSWORD);
        [
            ["--tls-cert-file", &file(CERTIFICATE)].as_slice(),
            &["--tls-key-file", &file(KEY), "--tls-ca-cert-file", &file(AUTHORITY)],
            &["--tls-auth-clients", "no", "--requirepass", Self::PASSWORD],
            &["--user", Self::USER, "on", &user_password, "~*", "+@all"],
        ]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect()
    }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}

const AUTHORITY: &str = "authority.pem";
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";
