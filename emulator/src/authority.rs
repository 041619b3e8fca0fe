use crate::directory::Directory;

/// The authority that a token request was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) authority_type: AuthorityType,
    /// The tenant as named in the path, or the default tenant if the path names none.
    pub(crate) tenant: String,
}

/// The kind of authority, determined by the path of the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthorityType {
    /// Microsoft Entra ID, and Entra External ID (CIAM), which differs in its host only.
    Entra,
    Adfs,
    Dsts,
    B2c,
    Oidc,
}

impl Authority {
    /// The authority whose token endpoint has this path.
    pub(crate) fn of_token_endpoint(directory: &Directory, segments: &[&str]) -> Option<Self> {
        let (authority_type, tenant) = match segments {
            ["adfs", "oauth2", "token"] => (AuthorityType::Adfs, default_tenant(directory)),
            ["dstsv2", tenant, "oauth2", "v2.0", "token"] => (AuthorityType::Dsts, *tenant),
            ["tfp", tenant, _policy, "oauth2", "v2.0", "token"]
            | [tenant, _policy, "oauth2", "v2.0", "token"] => (AuthorityType::B2c, *tenant),
            [tenant, "oauth2", "v2.0", "token"] => (AuthorityType::Entra, *tenant),
            _ => {
                let path = format!("/{}", segments.join("/"));
                let mut issuers = directory.oidc_issuers.iter();
                let issuer = issuers.find(|issuer| issuer.has_token_endpoint_at(&path))?;
                let tenant = issuer.tenant.as_deref();
                (AuthorityType::Oidc, tenant.unwrap_or_else(|| default_tenant(directory)))
            }
        };
        Some(Self { authority_type, tenant: tenant.to_owned() })
    }
}

impl AuthorityType {
    /// Whether assertions must be signed with `RS256` and name their certificate in `x5t`.
    pub(crate) fn requires_rs256(self) -> bool {
        matches!(self, Self::Adfs | Self::Dsts)
    }

    /// Whether any scope is accepted, instead of `{resource}/.default` of one known resource.
    pub(crate) fn takes_any_scope(self) -> bool {
        matches!(self, Self::Adfs | Self::Dsts | Self::Oidc)
    }

    /// Whether an assertion's `aud` may be an alias of the requested URL.
    pub(crate) fn has_aliases(self) -> bool {
        self == Self::Entra
    }
}

/// The tenant of authorities whose path names none.
fn default_tenant(directory: &Directory) -> &str {
    directory.tenants.first().map_or("undefined", |tenant| &tenant.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo;
    use crate::directory::OidcIssuer;

    fn authority_of(path: &str) -> Option<(AuthorityType, String)> {
        let issuer = OidcIssuer::new("/realms/own").in_tenant(demo::OTHER_TENANT);
        let directory = Directory::default().with_oidc_issuer(issuer);
        let segments: Vec<&str> = path.split('/').collect();
        let authority = Authority::of_token_endpoint(&directory, &segments)?;
        Some((authority.authority_type, authority.tenant))
    }

    #[test]
    fn the_path_determines_the_kind_and_the_tenant() {
        for (path, authority_type, tenant) in [
            ("t/oauth2/v2.0/token", AuthorityType::Entra, "t"),
            ("adfs/oauth2/token", AuthorityType::Adfs, demo::TENANT),
            ("dstsv2/t/oauth2/v2.0/token", AuthorityType::Dsts, "t"),
            ("tfp/t/p/oauth2/v2.0/token", AuthorityType::B2c, "t"),
            ("t/p/oauth2/v2.0/token", AuthorityType::B2c, "t"),
            ("realms/own/token", AuthorityType::Oidc, demo::OTHER_TENANT),
        ] {
            assert_eq!(authority_of(path), Some((authority_type, tenant.to_owned())), "{path}");
        }
    }

    #[test]
    fn other_paths_are_not_token_endpoints() {
        for path in ["", "token", "realms/other/token", "t/oauth2/token", "a/b/c/oauth2/v2.0/token"]
        {
            assert_eq!(authority_of(path), None, "{path}");
        }
    }
}
