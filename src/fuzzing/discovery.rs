//! Discovery documents, and what the store has of them.

use crate::authority::Authority;
use crate::authority::AuthorityKind;
use crate::authority::AuthorityRules;
use crate::authority::parse_url;
use crate::discovery;
use crate::discovery::Question;

use super::NOW;
use super::planted::check_cause;
use super::planted::redaction;
use super::planted::with_secret;
use super::response::to_response;

/// A discovery document with any status and headers, and the same bytes as a stored fact.
pub fn discovery(input: &[u8]) {
    let response = to_response(&with_secret(input));
    for (url, kind) in [
        ("https://id.example/realms/one", AuthorityKind::Oidc),
        ("https://login.example/contoso.com", AuthorityKind::Entra),
    ] {
        let rules = AuthorityRules { kind: Some(kind), validate: true, ..Default::default() };
        let authority = Authority::parse("authority", url, &rules).expect("a valid authority");
        let question = Question::about(&authority, true).expect("it needs discovery");
        match question.judge(&response, &authority, NOW, &redaction()) {
            Ok(fact) => {
                check_fact(question, &fact, &authority);
                let record = discovery::to_record(&fact, NOW).expect("a short fact");
                assert_eq!(discovery::from_record(&record, NOW), Some(fact));
            }
            Err(cause) => check_cause(&cause),
        }
    }
    let _ = discovery::from_record(input, NOW);
}

/// No document changes where the credential goes.
fn check_fact(question: Question, fact: &str, authority: &Authority) {
    match question.apply(fact, authority) {
        Ok(settled) => {
            let (before, after) = (authority.to_token_endpoint(), settled.to_token_endpoint());
            assert_eq!((before.is_https, &before.authority), (after.is_https, &after.authority));
            let url = after.to_string();
            let (origin, path) = parse_url("url", &url, false).expect("a plain URL");
            assert_eq!((origin.to_string(), path), (after.authority, after.path.as_str()));
        }
        Err(cause) => check_cause(&cause),
    }
}
