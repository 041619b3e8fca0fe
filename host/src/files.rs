//! Files that people have: text in several encodings, and certificates in every form that the component reads, or that
//! can be converted for it.

mod certificate;
mod text;

pub use self::certificate::CertificateFileError;
pub use self::certificate::certificate;
pub use self::certificate::certificate_to_pem;
pub use self::text::text;
