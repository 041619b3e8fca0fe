//! The proxy of a request, as curl and the Azure SDKs choose it.

use std::ffi::OsString;

use http::HeaderValue;
use http::StatusCode;
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use wasmtime_wasi_http::Error;

use super::NetworkError;
use super::target::Target;

/// The proxies for `https` and `http`, and the hosts that are reached without one.
#[derive(Debug)]
pub(super) struct Proxies {
    matcher: Matcher,
    https: &'static str,
    http: &'static str,
}

impl Default for Proxies {
    fn default() -> Self {
        Self::new(None, None, "")
    }
}

impl Proxies {
    /// One proxy for both schemes.
    pub(super) fn of_url(url: &str) -> Result<Self, NetworkError> {
        let setting = Setting::new(EXPLICIT, url.to_owned())?;
        Ok(Self::new(Some(setting.clone()), Some(setting), ""))
    }

    /// Reads the variables of curl. `value` returns the value of a variable.
    pub(super) fn from_variables(
        value: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, NetworkError> {
        // A CGI server puts a header of its client, `Proxy`, into this variable.
        let is_cgi = value("REQUEST_METHOD").is_some();
        let value = |name: &str| value(name).filter(|_| !is_cgi || name != "HTTP_PROXY");
        let setting = |names: &[&'static str]| match first(names, value)? {
            Some((name, url)) => Setting::new(name, url).map(Some),
            None => Ok(None),
        };
        let direct = first(&NO, value)?.map(|(_, hosts)| hosts).unwrap_or_default();
        // curl takes spaces between hosts too.
        let direct = direct.split_whitespace().collect::<Vec<_>>().join(",");
        Ok(Self::new(setting(&HTTPS)?, setting(&HTTP)?, &direct))
    }

    fn new(https: Option<Setting>, http: Option<Setting>, direct: &str) -> Self {
        let name = |setting: &Option<Setting>| setting.as_ref().map_or(EXPLICIT, |set| set.name);
        let names = (name(&https), name(&http));
        let url = |setting: Option<Setting>| setting.map(|set| set.url).unwrap_or_default();
        let matcher = Matcher::builder().https(url(https)).http(url(http)).no(direct).build();
        Self { matcher, https: names.0, http: names.1 }
    }

    /// Returns the proxy for a URL, if it needs one.
    pub(super) fn proxy(&self, uri: &Uri) -> Result<Option<Proxy>, Error> {
        let Some(intercept) = self.matcher.intercept(uri) else { return Ok(None) };
        let is_http = uri.scheme() == Some(&http::uri::Scheme::HTTP);
        Ok(Some(Proxy {
            server: Target::of(intercept.uri())?,
            authorization: intercept.basic_auth().cloned(),
            setting: if is_http { self.http } else { self.https },
        }))
    }
}

/// A proxy.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) server: Target,
    /// The value of `Proxy-Authorization`, marked as sensitive.
    pub(super) authorization: Option<HeaderValue>,
    setting: &'static str,
}

impl Proxy {
    /// No connection to the proxy, or one that ended before its answer.
    pub(super) fn unreachable(&self, error: &Error) -> Error {
        internal(format!("the connection to the proxy of {} failed: {error}", self.setting))
    }

    /// The proxy or the server did not answer before the time limit of a connection.
    pub(super) fn too_slow(&self) -> Error {
        internal(format!("the connection through the proxy of {} timed out", self.setting))
    }

    /// The proxy did not connect to the server. The component does not try again after a text with "is
    /// not permitted": repeating wrong credentials can lock an account.
    pub(super) fn refusal(&self, status: StatusCode, target: &Target) -> Error {
        let (setting, status, server) = (self.setting, status.as_u16(), target.authority());
        internal(match status {
            // tinyproxy sends 401 for wrong credentials, and 407 for none.
            401 | 407 => format!(
                "the proxy answered {status}: a request without valid credentials is not permitted; set user \
                 and password in {setting}: http://USER:PASSWORD@HOST:PORT"
            ),
            403 => format!(
                "the proxy of {setting} answered 403: {server} is not permitted by its rules; allow it \
                 there, or add the host to NO_PROXY"
            ),
            _ => format!("the proxy of {setting} answered {status}: no connection to {server}"),
        })
    }
}

fn internal(text: String) -> Error {
    Error::InternalError(Some(text))
}

/// A proxy's URL, and the name of its setting.
#[derive(Clone)]
struct Setting {
    name: &'static str,
    url: String,
}

impl Setting {
    /// Checks a URL. The matcher ignores an invalid one, and requests would go out without the proxy.
    fn new(name: &'static str, url: String) -> Result<Self, NetworkError> {
        match check(&url) {
            Ok(()) => Ok(Self { name, url }),
            Err(reason) => Err(NetworkError::Proxy { setting: name, reason }),
        }
    }
}

fn check(url: &str) -> Result<(), &'static str> {
    let uri: Uri = url.parse().map_err(|_| INVALID)?;
    if !matches!(uri.scheme_str(), None | Some("http" | "https")) {
        return Err("only http:// and https:// proxies are supported, not SOCKS");
    }
    let authority = uri.authority().ok_or(INVALID)?;
    let (_, server) = authority.as_str().rsplit_once('@').unwrap_or(("", authority.as_str()));
    let has_port = server != authority.host();
    let has_more = uri.path_and_query().is_some_and(|rest| rest != "/") || url.contains('#');
    let is_valid = !authority.host().is_empty()
        && (!has_port || authority.port_u16().is_some())
        && authority.as_str().matches('@').count() <= 1;
    if is_valid && !has_more { Ok(()) } else { Err(INVALID) }
}

/// The first variable with a value. An empty one counts as unset.
fn first(
    names: &[&'static str],
    value: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<(&'static str, String)>, NetworkError> {
    let set = |name| Some((name, value(name).filter(|text| !text.is_empty())?));
    let Some((setting, text)) = names.iter().copied().find_map(set) else { return Ok(None) };
    match text.into_string() {
        Ok(text) => Ok(Some((setting, text))),
        Err(_) => Err(NetworkError::Proxy { setting, reason: "the value is not valid Unicode" }),
    }
}

/// The lower-case name comes first, as in curl.
const HTTPS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
const NO: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// The name of the setting that is no variable.
const EXPLICIT: &str = "NetworkBuilder::proxy";

const INVALID: &str = "the URL is invalid: use http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with \
                       special characters in percent-encoding";

#[cfg(test)]
mod tests;
