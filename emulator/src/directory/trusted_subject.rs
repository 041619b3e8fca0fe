/// A subject name and issuer that an application trusts instead of a thumbprint.
///
/// An assertion for such an application must contain its certificate chain in `x5c`. Each name is
/// compared with the certificate's full distinguished name (`CN=leaf, O=Contoso`), its common name
/// and, for the subject, its DNS names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedSubject {
    /// The leaf's subject.
    pub subject: String,
    /// The leaf's issuer.
    pub issuer: String,
}
