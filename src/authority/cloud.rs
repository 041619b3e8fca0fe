//! Microsoft's clouds, known by heart so that the first token needs no discovery call.

/// One cloud's token service, under all its names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cloud {
    /// The host that requests are sent to.
    pub(super) preferred_network: &'static str,
    /// The name under which tokens are cached.
    pub(super) preferred_cache: &'static str,
    /// Every other name.
    aliases: &'static [&'static str],
}

/// The cloud that has this host among its names, compared whole and in lower case.
pub(super) fn find(host: &str) -> Option<&'static Cloud> {
    CLOUDS.iter().copied().find(|cloud| {
        cloud.preferred_network == host
            || cloud.preferred_cache == host
            || cloud.aliases.contains(&host)
    })
}

/// The cloud of a tenant given without a host.
pub(super) const PUBLIC: &Cloud = &Cloud {
    preferred_network: "login.microsoftonline.com",
    preferred_cache: "login.windows.net",
    aliases: &["login.microsoft.com", "sts.windows.net"],
};

/// MSAL.NET 4.87's table.
const CLOUDS: &[&Cloud] = &[
    PUBLIC,
    &Cloud {
        preferred_network: "login.partner.microsoftonline.cn",
        preferred_cache: "login.partner.microsoftonline.cn",
        aliases: &["login.chinacloudapi.cn"],
    },
    &Cloud {
        preferred_network: "login.microsoftonline.us",
        preferred_cache: "login.microsoftonline.us",
        aliases: &["login.usgovcloudapi.net"],
    },
    &single("login-us.microsoftonline.com"),
    &single("login.microsoftonline.de"),
    &Cloud {
        preferred_network: "login.windows-ppe.net",
        preferred_cache: "login.windows-ppe.net",
        aliases: &["sts.windows-ppe.net", "login.microsoft-ppe.com"],
    },
    &single("login.sovcloud-identity.fr"),
    &single("login.sovcloud-identity.de"),
    &single("login.sovcloud-identity.sg"),
];

const fn single(host: &'static str) -> Cloud {
    Cloud { preferred_network: host, preferred_cache: host, aliases: &[] }
}
