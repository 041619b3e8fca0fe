package msal

import contract "msal-wasi.example/msal/internal/bindings/imports/msal_client_credentials_client_credentials"

// Credential is how an application authenticates.
type Credential struct{ value hidden[contract.Credential] }

// Secret is a client secret: its value, not its ID.
func Secret(secret string) Credential {
	return newCredential(contract.MakeCredentialSecret(secret))
}

// PEM is PEM text with one RSA private key and at least one certificate, in any order.
func PEM(text string, options ...CertificateOption) Credential {
	return newCertificate(contract.MakeCertificateSourcePem(text), options)
}

// PKCS12 has the bytes of a PKCS#12 (PFX) file.
func PKCS12(file []byte, options ...CertificateOption) Credential {
	return newCertificate(contract.MakeCertificateSourcePkcs12(file), options)
}

// Assertion is a client assertion signed elsewhere, such as a federated workload's token. Give a fresh one with each
// call. Tokens are cached only with CacheKeys.
func Assertion(assertion string) Credential {
	return newCredential(contract.MakeCredentialAssertion(assertion))
}

// Provider takes assertions from the assertion provider, which is called for each token request and never on a cache
// hit. Requires a -provider flavour of the component. Tokens are cached only with CacheKeys.
func Provider() Credential {
	return newCredential(contract.MakeCredentialProvider())
}

// CertificateOption is an option of PEM and PKCS12. The component refuses one that is given twice.
type CertificateOption struct {
	value hidden[contract.CertificateOption]
}

// Passphrase decrypts an encrypted PKCS#8 key or a PKCS#12 file.
func Passphrase(passphrase string) CertificateOption {
	return newCertificateOption(contract.MakeCertificateOptionPassphrase(passphrase))
}

// SendX5C sends the certificate chain (x5c, leaf first) in every assertion, for applications registered by subject name
// and issuer.
func SendX5C() CertificateOption {
	return newCertificateOption(contract.MakeCertificateOptionSendX5c())
}

// Algorithm is how assertions are signed. Without it, PS256; RS256 for AD FS, dSTS, generic and OIDC authorities.
func Algorithm(algorithm SigningAlgorithm) CertificateOption {
	return newCertificateOption(contract.MakeCertificateOptionAlgorithm(algorithm))
}

// Thumbprint is the expected thumbprint in hexadecimal, SHA-1 or SHA-256. A certificate with another one is refused.
func Thumbprint(thumbprint string) CertificateOption {
	return newCertificateOption(contract.MakeCertificateOptionThumbprint(thumbprint))
}

// ExtraClaims are further claims to sign in every assertion: a JSON object, without the protocol's own claims.
func ExtraClaims(claims string) CertificateOption {
	return newCertificateOption(contract.MakeCertificateOptionExtraClaims(claims))
}

// SigningAlgorithm is how a client assertion is signed.
type SigningAlgorithm = contract.SigningAlgorithm

// The algorithms.
const (
	PS256 SigningAlgorithm = contract.SigningAlgorithm_Ps256
	RS256 SigningAlgorithm = contract.SigningAlgorithm_Rs256
)

func newCredential(value contract.Credential) Credential { return Credential{hide(value)} }

func newCertificate(source contract.CertificateSource, options []CertificateOption) Credential {
	certificate := contract.Certificate{Source: source, Options: reveal(options)}
	return newCredential(contract.MakeCredentialCertificate(certificate))
}

func newCertificateOption(value contract.CertificateOption) CertificateOption {
	return CertificateOption{hide(value)}
}
