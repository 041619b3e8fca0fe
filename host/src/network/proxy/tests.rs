use super::*;

fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, NetworkError> {
    Proxies::from_variables(|name| {
        let mut set = variables.iter();
        set.find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value))
    })
}

/// The `HOST:PORT` of the proxy for a URL, and the name of its setting.
fn chosen(variables: &[(&str, &str)], url: &str) -> Option<(String, &'static str)> {
    let proxy = proxies(variables).unwrap().proxy(&url.parse().unwrap()).unwrap();
    proxy.map(|proxy| (proxy.server.authority(), proxy.setting))
}

#[test]
fn each_scheme_has_its_variable() {
    let both = [("HTTPS_PROXY", "http://a.example:1"), ("HTTP_PROXY", "http://b.example:2")];
    assert_eq!(chosen(&both, "https://x/"), Some(("a.example:1".to_owned(), "HTTPS_PROXY")));
    assert_eq!(chosen(&both, "http://x/"), Some(("b.example:2".to_owned(), "HTTP_PROXY")));
    assert_eq!(chosen(&both[1..], "https://x/"), None);
    assert_eq!(chosen(&[], "https://x/"), None);
    let all = [both[0], ("ALL_PROXY", "https://c.example")];
    assert_eq!(chosen(&all, "https://x/"), Some(("a.example:1".to_owned(), "HTTPS_PROXY")));
    assert_eq!(chosen(&all, "http://x/"), Some(("c.example:443".to_owned(), "ALL_PROXY")));
}

/// Reported of tools that read one spelling only, or for which `HTTPS_PROXY= tool` does not turn the proxy off.
#[test]
fn the_lower_case_name_is_first_and_an_empty_value_counts_as_unset() {
    let both = [("HTTPS_PROXY", "http://upper.example"), ("https_proxy", "lower.example:3128")];
    assert_eq!(chosen(&both, "https://x/"), Some(("lower.example:3128".to_owned(), "https_proxy")));
    let empty = [both[0], ("https_proxy", "")];
    assert_eq!(chosen(&empty, "https://x/"), Some(("upper.example:80".to_owned(), "HTTPS_PROXY")));
    assert_eq!(chosen(&[("HTTPS_PROXY", "")], "https://x/"), None);
}

/// [CVE-2016-5385](https://httpoxy.org) and its kind: the client of a CGI program chose the proxy.
#[test]
fn the_variable_that_a_cgi_client_can_set_is_not_read() {
    let cgi = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil.example")];
    assert_eq!(chosen(&cgi, "http://x/"), None);
    let safe = [cgi[0], cgi[1], ("http_proxy", "http://proxy.example:8080")];
    assert_eq!(chosen(&safe, "http://x/"), Some(("proxy.example:8080".to_owned(), "http_proxy")));
}

#[test]
fn hosts_domains_and_networks_need_no_proxy() {
    for no_proxy in ["NO_PROXY", "no_proxy"] {
        let variables = [
            ("HTTPS_PROXY", "http://proxy.example:1"),
            (
                no_proxy,
                "other.example corp.example, .dotted.example,10.0.0.0/8,[::1],2001:db8::/32",
            ),
        ];
        for direct in
            ["corp.example", "a.CORP.example", "dotted.example", "10.1.2.3", "[2001:db8::7]"]
        {
            assert_eq!(chosen(&variables, &format!("https://{direct}/")), None, "{direct}");
        }
        for other in ["notcorp.example", "corp.example.net", "11.0.0.1", "[2001:db9::7]"] {
            assert!(chosen(&variables, &format!("https://{other}/")).is_some(), "{other}");
        }
    }
    let all = [("HTTPS_PROXY", "http://proxy.example:1"), ("NO_PROXY", "*")];
    assert_eq!(chosen(&all, "https://any.example/"), None);
}

#[test]
fn credentials_are_decoded_and_in_no_debug_output() {
    let variables = [("HTTPS_PROXY", "http://us%40er:hid%3Aden@proxy.example:1")];
    let proxies = proxies(&variables).unwrap();
    let proxy = proxies.proxy(&"https://x/".parse().unwrap()).unwrap().unwrap();
    // Base64 of `us@er:hid:den`.
    assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic dXNAZXI6aGlkOmRlbg==");
    for text in [format!("{proxies:?}"), format!("{proxy:?}")] {
        assert!(text.contains("proxy.example"), "{text}");
        for secret in ["hid", "us%40er", "dXNAZXI6"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

/// Reported of clients that ignore such a URL and connect directly.
#[test]
fn a_url_that_cannot_be_used_is_refused_by_its_name_without_its_value() {
    for (url, reason) in [
        ("http://user:hid#den@proxy.example:1", "percent-encoding"),
        ("http://user:hid/den@proxy.example:1", "percent-encoding"),
        ("http://user:hid?den@proxy.example:1", "percent-encoding"),
        ("http://user:hid@den@proxy.example:1", "percent-encoding"),
        ("http://user:12#hid@proxy.example:1", "percent-encoding"),
        ("http://user:hid den@proxy.example:1", "percent-encoding"),
        ("http://user:hid@proxy.example:65536", "percent-encoding"),
        ("http://user:hid@proxy.example:", "percent-encoding"),
        ("http://user:hid@", "percent-encoding"),
        ("http://user:hid@:3128", "percent-encoding"),
        ("//user:hid@proxy.example", "percent-encoding"),
        ("socks5://user:hid@proxy.example:1080", "SOCKS"),
        ("socks5h://user:hid@proxy.example:1080", "SOCKS"),
        ("ftp://user:hid@proxy.example:1", "http://"),
    ] {
        for name in ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"] {
            let error = proxies(&[(name, url)]).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.starts_with(&format!("{name}: ")) && text.contains(reason), "{text}");
            assert!(!text.contains("hid"), "{text}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_unicode_is_refused() {
    use std::os::unix::ffi::OsStringExt;

    for name in ["https_proxy", "NO_PROXY"] {
        let value = |asked: &str| (asked == name).then(|| OsString::from_vec(vec![0xff]));
        let error = Proxies::from_variables(value).unwrap_err();
        assert_eq!(error.to_string(), format!("{name}: the value is not valid Unicode"));
    }
}

/// The component cuts what a host says after 200 characters, and does not retry what "is not permitted".
#[test]
fn a_refusal_says_what_to_do() {
    let proxies = proxies(&[("HTTPS_PROXY", "http://user:hidden@proxy.example:1")]).unwrap();
    let uri: Uri = "https://login.microsoftonline.com/".parse().unwrap();
    let proxy = proxies.proxy(&uri).unwrap().unwrap();
    let target = Target::of(&uri).unwrap();
    for (status, is_final, advice) in [
        (407, true, "set user and password in HTTPS_PROXY"),
        (403, true, "add the host to NO_PROXY"),
        (502, false, "no connection to login.microsoftonline.com:443"),
    ] {
        let error = proxy.refusal(StatusCode::from_u16(status).unwrap(), &target);
        let Error::InternalError(Some(text)) = error else { panic!("{error:?}") };
        assert!(text.contains(&format!("answered {status}")) && text.contains(advice), "{text}");
        assert_eq!(text.contains("is not permitted"), is_final, "{text}");
        assert!(text.len() <= 200 && !text.contains("hidden"), "{text}");
    }
}
