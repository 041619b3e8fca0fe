//! Advice by AADSTS code.

/// The advice for a code.
pub(super) fn remedy(code: u64) -> Option<&'static str> {
    REMEDIES.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, remedy)| *remedy)
}

/// Codes that call for the same action, and the action.
const REMEDIES: &[(&[u64], &str)] = &[
    (
        &[7_000_215],
        "use the client secret's value, not its secret ID; if in doubt, create a new secret for the application",
    ),
    (&[7_000_222], "create a new client secret, because this one has expired"),
    (
        &[7_000_216, 7_000_218],
        "check for a proxy that removes the credential: the authority did not receive one",
    ),
    (&[70_002, 50_012], "check the application's credential: the authority could not validate it"),
    (
        &[700_027],
        "register this certificate with the application, or use the registered one; if the application trusts the \
         certificate's subject name and issuer, set send-x5c",
    ),
    (
        &[700_024],
        "correct the host's clock, because the assertion is not valid at the authority's time; if the caller provides \
         the assertion, make a new one for each call",
    ),
    (
        &[700_021, 700_023],
        "check client-id and authority, or how the caller's assertion is made: it is for another application or \
         audience",
    ),
    (
        &[1_000_502],
        "renew the certificate and register the new one: it has expired, or is not valid yet",
    ),
    (&[7_000_214], "replace the certificate and register the new one: it was revoked"),
    (
        &[7_000_213, 700_030],
        "check the certificate's issuer and subject name: the application trusts others; set send-x5c, with the \
         issuers in the file",
    ),
    (
        &[5_000_811],
        "check how the caller's assertion is made: it is not signed with a key that its issuer publishes",
    ),
    (
        &[50_166, 501_661],
        "make the issuer's discovery document and keys public over https: the authority could not read them; if they \
         are, try again later",
    ),
    (
        &[700_222],
        "use an assertion of another issuer, or a managed identity's token: the authority does not accept its own \
         tokens here",
    ),
    (
        &[70_023],
        "look the code up at /error?code=70023 on the authority's host: Microsoft's published list does not have it",
    ),
    (
        &[50_027, 50_048],
        "check how the assertion is made: the authority does not accept it as a JWT",
    ),
    (
        &[5_002_730, 5_002_738],
        "set the certificate's algorithm to rs256: the key does not support the current one",
    ),
    (&[5_002_723], "check how the caller's assertion is made: it does not identify its key"),
    (
        &[70_021, 700_211, 700_212, 700_213, 7_002_131, 7_002_138, 7_002_381],
        "add a federated credential to the application with the assertion's exact issuer, subject and audience; if it \
         was added just now, wait a few minutes",
    ),
    (
        &[700_016, 7_000_229],
        "check client-id and tenant: the application is not in this tenant; install it or consent to it there",
    ),
    (
        &[700_025],
        "register the application as a confidential client: it is registered as a public one",
    ),
    (&[7_000_112, 70_001], "enable the application in the tenant: it is disabled or unknown there"),
    (&[90_002], "check the tenant: this cloud has no tenant with this ID or domain"),
    (&[900_023, 50_059, 50_194], "use the tenant's GUID or one of its verified domains"),
    (&[90_010], "use the tenant's GUID or domain: common and consumers do not support this grant"),
    (&[50_049], "check the authority's host: it does not belong to Microsoft"),
    (
        &[500_011],
        "check the resource in the scope: it has no service principal in this tenant; consent to it there",
    ),
    (&[500_014], "enable the resource in the tenant: its service principal is disabled there"),
    (&[650_057], "add the resource to the permissions of the application's registration"),
    (&[501_051], "assign the application a role on the resource"),
    (
        &[65_001, 90_094],
        "ask an administrator of the tenant to consent to the application's permissions",
    ),
    (&[70_011, 1_002_012, 700_022, 28_000], "request one scope of the form {resource}/.default"),
    (
        &[50_196],
        "use the cache, because the same token is requested in a loop: share the store between all instances, and do \
         not set force-refresh on each call",
    ),
    (&[90_055, 90_024, 90_025], "wait, and request fewer tokens: the tenant is throttled"),
    (&[90_033, 90_006, 90_090, 50_087], "try again later: the authority has a transient fault"),
    (
        &[53_003, 530_032],
        "check the sign-in logs: a Conditional Access policy for workload identities blocks the application; if the \
         error has claims, repeat the call with them",
    ),
    (&[90_038], "use the authority of the tenant's national cloud"),
    (
        &[900_382, 900_384],
        "use the authority of the application's home cloud: confidential clients do not work across clouds",
    ),
    (
        &[500_207, 900_144],
        "check the authority's URL: the token endpoint did not receive a parameter",
    ),
    (
        &[9_002_313, 90_014],
        "report this with the trace ID: the authority rejected the request as malformed",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_the_remedy_of_its_cause() {
        let given: &[(&[u64], &str)] = &[
            (&[7_000_215], "secret ID"),
            (&[7_000_222], "new client secret"),
            (&[7_000_216, 7_000_218], "removes the credential"),
            (&[70_002, 50_012], "application's credential"),
            (&[700_027], "register this certificate"),
            (&[700_024], "host's clock"),
            (&[700_021, 700_023], "another application or audience"),
            (&[1_000_502], "renew the certificate"),
            (&[7_000_214], "revoked"),
            (&[7_000_213, 700_030], "issuer and subject name"),
            (&[5_000_811], "issuer publishes"),
            (&[50_166, 501_661], "discovery document"),
            (&[700_222], "another issuer"),
            (&[70_023], "/error?code=70023"),
            (&[50_027, 50_048], "as a JWT"),
            (&[5_002_730, 5_002_738], "rs256"),
            (&[5_002_723], "identify its key"),
            (
                &[70_021, 700_211, 700_212, 700_213, 7_002_131, 7_002_138, 7_002_381],
                "add a federated credential",
            ),
            (&[700_016, 7_000_229], "client-id and tenant"),
            (&[700_025], "confidential client"),
            (&[7_000_112, 70_001], "enable the application"),
            (&[90_002], "no tenant"),
            (&[900_023, 50_059, 50_194], "GUID or one of"),
            (&[90_010], "common and consumers"),
            (&[50_049], "does not belong to Microsoft"),
            (&[500_011], "consent to it"),
            (&[500_014], "enable the resource"),
            (&[650_057], "add the resource to the permissions"),
            (&[501_051], "a role"),
            (&[65_001, 90_094], "an administrator"),
            (&[70_011, 1_002_012, 700_022, 28_000], "{resource}/.default"),
            (&[50_196], "in a loop"),
            (&[90_055, 90_024, 90_025], "tenant is throttled"),
            (&[90_033, 90_006, 90_090, 50_087], "transient"),
            (&[53_003, 530_032], "Conditional Access"),
            (&[90_038], "national cloud"),
            (&[900_382, 900_384], "home cloud"),
            (&[500_207, 900_144], "did not receive a parameter"),
            (&[9_002_313, 90_014], "trace ID"),
        ];
        for (codes, part) in given {
            for &code in *codes {
                let remedy = remedy(code).unwrap();
                assert!(remedy.contains(part), "AADSTS{code}: {remedy}");
            }
        }
        let count =
            |table: &[(&[u64], &str)]| table.iter().map(|(codes, _)| codes.len()).sum::<usize>();
        assert_eq!(count(given), count(REMEDIES), "a code has no row in this test");
        assert_eq!(remedy(1), None);
    }

    #[test]
    fn no_code_is_listed_twice() {
        let mut codes: Vec<u64> = REMEDIES.iter().flat_map(|(codes, _)| *codes).copied().collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }
}
