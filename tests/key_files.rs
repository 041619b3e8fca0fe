//! Key and certificate files as OpenSSL writes them, and typical damage to them: B01 to B30 of the fault catalogue.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use msal_wasi::authority::Authority;
use msal_wasi::authority::AuthorityRules;
use msal_wasi::authority::Endpoint;
use msal_wasi::credential::AssertionParams;
use msal_wasi::credential::CertificateParts;
use msal_wasi::credential::CertificateSource;
use msal_wasi::credential::Credential;
use msal_wasi::credential::CredentialParts;
use msal_wasi::credential::SigningAlgorithm;
use msal_wasi::error::Rejection;
use msal_wasi::error::RejectionCode;
use msal_wasi::secret::Secret;
use msal_wasi::time::UnixTime;
use serde_json::Value;

#[test]
fn b01_pkcs8_keys_of_2048_3072_and_4096_bits_work() {
    for name in ["rsa2048.pem", "rsa3072.pem", "rsa4096.pem"] {
        sign(&pem(&text(name))).unwrap();
    }
}

#[test]
fn b02_a_pkcs1_key_works() {
    sign(&pem(&text("rsa2048.pkcs1.pem"))).unwrap();
}

#[test]
fn b03_an_encrypted_pkcs8_key_works_with_its_passphrase() {
    sign(&with_passphrase(pem(&text("rsa2048.encrypted.pem")), PASSPHRASE)).unwrap();
    let missing = refusal(&pem(&text("rsa2048.encrypted.pem")));
    assert_eq!(missing.code, RejectionCode::Missing);
    assert_eq!(missing.field, "application.credentials.certificate.options.passphrase");
}

#[test]
fn b04_a_wrong_passphrase_is_indistinguishable_from_damage() {
    let wrong = refusal(&with_passphrase(pem(&text("rsa2048.encrypted.pem")), "wrong"));
    assert_eq!(wrong.code, RejectionCode::NotDecryptable);
    let damaged = text("rsa2048.encrypted.pem").replacen("MII", "MIJ", 1);
    let damaged = refusal(&with_passphrase(pem(&damaged), PASSPHRASE));
    assert_eq!((damaged.code, damaged.reason), (wrong.code, wrong.reason));
}

#[test]
fn b06_keys_in_the_encryption_of_old_versions_of_openssl_are_read() {
    for (name, passphrase) in [
        ("rsa2048.legacy-encrypted.pem", PASSPHRASE),
        ("others/enc-traditional.pem", "hunter2"),
        ("old/traditional-aes128.pem", "hunter2"),
        ("old/traditional-aes192.pem", "hunter2"),
        ("old/traditional-des.pem", "hunter2"),
        ("old/traditional-des3.pem", "hunter2"),
    ] {
        let file = pem(&text(name));
        sign(&with_passphrase(file.clone(), passphrase))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(refusal(&file).code, RejectionCode::Missing, "{name}");
        for number in 0..300 {
            let wrong = refusal(&with_passphrase(file.clone(), &number.to_string()));
            assert_eq!(wrong.code, RejectionCode::NotDecryptable, "{name}");
        }
    }
    let unknown = text("old/traditional-des.pem").replace("DES-CBC,", "CAMELLIA-128-CBC,");
    let reason = refusal(&with_passphrase(pem(&unknown), "hunter2")).reason;
    assert!(reason.contains("neither AES nor DES"), "{reason}");
    for broken in ["DES-CBC", "DES-CBC,", "DES-CBC,zz", "DES-CBC,00"] {
        let text = text("old/traditional-des.pem");
        let (before, rest) = text.split_once("DES-CBC,").unwrap();
        let (_, after) = rest.split_once('\n').unwrap();
        let broken = format!("{before}{broken}\n{after}");
        let refusal = refusal(&with_passphrase(pem(&broken), "hunter2"));
        assert_eq!(refusal.code, RejectionCode::NotDecryptable);
    }
}

#[test]
fn b07_pkcs12_der_and_pem_are_distinguished() {
    let as_text = String::from_utf8_lossy(&bytes("rsa2048.pfx")).into_owned();
    assert!(refusal(&pem(&as_text)).reason.contains("PEM"));
    assert!(refusal(&pkcs12(&bytes("rsa2048.pem"))).reason.contains("PEM"));
}

#[test]
fn pkcs12_files_need_the_right_passphrase() {
    for name in ["rsa2048.pfx", "chain.pfx", "rsa2048.open-key.pfx"] {
        sign(&with_passphrase(pkcs12(&bytes(name)), PASSPHRASE))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let wrong = refusal(&with_passphrase(pkcs12(&bytes(name)), "wrong"));
        assert_eq!(wrong.code, RejectionCode::NotDecryptable, "{name}");
    }
    sign(&with_passphrase(pkcs12(&bytes("rsa2048.empty-passphrase.pfx")), "")).unwrap();
}

/// Each kind was refused in public reports: see docs/key-files.md for who writes which.
#[test]
fn b08_pkcs12_files_of_all_producers_are_read() {
    for name in [
        "rsa2048.legacy.pfx",
        "rsa2048.no-mac.pfx",
        "others/tripledes.pfx",
        "others/legacy.pfx",
        "others/aes128.pfx",
        "others/aes192-sha384mac.pfx",
        "others/pbes2-sha1mac.pfx",
        "others/sha512mac.pfx",
        "others/bc-pkcs12.p12",
        "others/trailing-nl.pfx",
        "others/renewed.pfx",
        "old/2des.pfx",
        "old/rc2-128.pfx",
        "old/rc4-128.pfx",
        "old/rc4-40.pfx",
    ] {
        let file = pkcs12(&bytes(name));
        let sign = |passphrase| sign(&with_passphrase(file.clone(), passphrase));
        let passphrase = if name.contains('/') { "hunter2" } else { PASSPHRASE };
        sign(passphrase).unwrap_or_else(|error| panic!("{name}: {error}"));
        for wrong in ["wrong", ""] {
            let refusal = sign(wrong).unwrap_err();
            assert_eq!(refusal.code, RejectionCode::NotDecryptable, "{name}");
        }
    }
}

#[test]
fn b08_pkcs12_files_without_a_passphrase_need_none() {
    for name in ["emptypass.pfx", "nullpass.pfx", "kv-plain-sha1mac.pfx", "kv-plain-nomac.pfx"] {
        let file = pkcs12(&bytes(&format!("others/{name}")));
        sign(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        sign(&with_passphrase(file.clone(), "")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(sign(&with_passphrase(file, "wrong")).is_err(), "{name}");
    }
}

#[test]
fn b03_encrypted_keys_of_all_schemes_are_read() {
    for (name, passphrase) in [
        ("others/enc-des3.pem", "hunter2"),
        ("others/enc-aes128.pem", "hunter2"),
        ("others/enc-aes192-sha384.pem", "hunter2"),
        ("others/enc-aes192-sha512.pem", "hunter2"),
        ("others/enc-aes256-sha1.pem", "hunter2"),
        ("others/enc-v1-3des.pem", "hunter2"),
        ("others/js26806-encrypted.pem", "HereIsMySuperPass"),
        ("old/md5-des.pem", "hunter2"),
        ("old/md5-rc2-64.pem", "hunter2"),
        ("old/sha1-des.pem", "hunter2"),
        ("old/sha1-rc2-64.pem", "hunter2"),
        ("old/scrypt.pem", "hunter2"),
    ] {
        let file = pem(&text(name));
        sign(&with_passphrase(file.clone(), passphrase))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let wrong = refusal(&with_passphrase(file, "wrong"));
        assert_eq!(wrong.code, RejectionCode::NotDecryptable, "{name}");
    }
}

/// Of Key Vault exports and of scripts with an empty variable.
#[test]
fn b03_a_key_with_an_empty_passphrase_needs_none() {
    for name in ["pbes2.pem", "pkcs12-3des.pem", "pbes1-des.pem", "scrypt.pem"] {
        let file = pem(&text(&format!("empty/{name}")));
        sign(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        sign(&with_passphrase(file.clone(), "")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let wrong = refusal(&with_passphrase(file, "wrong"));
        assert_eq!(wrong.code, RejectionCode::NotDecryptable, "{name}");
    }
    for name in ["rsa2048.encrypted.pem", "others/enc-v1-3des.pem", "others/enc-traditional.pem"] {
        let file = pem(&text(name));
        for file in [file.clone(), with_passphrase(file, "")] {
            assert_eq!(refusal(&file).code, RejectionCode::Missing, "{name}");
        }
    }
}

#[test]
fn b14_of_several_certificates_of_a_key_the_newest_valid_one_is_used() {
    for (file, passphrase) in [
        (pem(&text("others/renewed-old-first.pem")), None),
        (pkcs12(&bytes("others/renewed.pfx")), Some("hunter2")),
    ] {
        let file = match passphrase {
            Some(passphrase) => with_passphrase(file, passphrase),
            None => file,
        };
        let credential = credential(&file).unwrap();
        assert_eq!(credential.load(NOW).unwrap().warnings(), &[] as &[String]);
    }
}

#[test]
fn b14_the_same_key_twice_counts_as_one() {
    let twice = text("rsa2048.pem") + &text("rsa2048.key.pem") + &text("rsa2048.pkcs1.pem");
    sign(&pem(&twice)).unwrap();
}

#[test]
fn b07_a_file_of_another_kind_is_named() {
    let key = STANDARD.decode(base64_of("rsa2048.key.pem")).unwrap();
    let encrypted = text("rsa2048.encrypted.pem");
    let (encrypted, _) = encrypted.split_once("-----END").unwrap();
    let base64: String = encrypted.lines().filter(|line| !line.starts_with('-')).collect();
    let encrypted = STANDARD.decode(base64).unwrap();
    for (file, what) in [
        (bytes("rsa2048.certificate.der"), "a certificate without its private key"),
        (key, "a private key without its certificate"),
        (encrypted, "an encrypted private key without its certificate"),
        (bytes("others/app.jks"), "(JKS); convert it with `keytool -importkeystore"),
        ([&[0xce; 4][..], &[0, 0, 0, 2]].concat(), "(JCEKS); convert it with `keytool"),
        (b"anything".to_vec(), "not a PKCS#12 (PFX) file"),
    ] {
        let reason = refusal(&pkcs12(&file)).reason;
        assert!(reason.contains(what), "{what}: {reason}");
    }
}

#[test]
fn b09_b10_keys_other_than_rsa_are_rejected() {
    for name in ["p256.pem", "ed25519.pem"] {
        assert!(refusal(&pem(&text(name))).reason.contains("RSA keys only"), "{name}");
    }
    assert!(refusal(&pem(&text("rsa-pss.pem"))).reason.contains("restricted to RSASSA-PSS"));
}

#[test]
fn b11_keys_shorter_than_2048_bits_are_too_weak() {
    for name in ["rsa1024.pem", "rsa2047.pem"] {
        assert_eq!(refusal(&pem(&text(name))).code, RejectionCode::TooWeak, "{name}");
    }
}

#[test]
fn b13_an_inconsistent_key_does_not_sign() {
    let (_, body) = text("rsa2048.pkcs1.pem")
        .split_once("-----BEGIN RSA PRIVATE KEY-----")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let (body, rest) = body.split_once("-----END RSA PRIVATE KEY-----").unwrap();
    let der = STANDARD.decode(body.replace('\n', "")).unwrap();
    // One bit in every part of the key in turn: n, e, d, p, q, dp, dq, qinv.
    for position in [20, 150, 270, 300, 500, 560, 640, 700, 780, 830, 900, 970, 1_040, 1_100, 1_180]
    {
        let mut changed = der.clone();
        changed[position] ^= 1;
        let changed = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----{rest}",
            STANDARD.encode(changed)
        );
        match sign(&pem(&changed)) {
            Err(_) => {}
            // The CRT values in the file are not used: they are computed from p and q.
            Ok(assertion) => {
                assert!(position >= 800 && assertion.matches('.').count() == 2, "{position}")
            }
        }
    }
}

#[test]
fn b14_a_file_must_have_one_key_and_its_certificate() {
    assert_eq!(refusal(&pem(&text("rsa2048.certificate.pem"))).code, RejectionCode::Missing);
    assert_eq!(refusal(&pem(&text("rsa2048.key.pem"))).code, RejectionCode::Missing);
    let two = text("rsa2048.pem") + &text("rsa3072.key.pem");
    assert!(refusal(&pem(&two)).reason.contains("two private keys"));
}

#[test]
fn b14_the_leaf_is_found_by_its_key_in_any_order() {
    let unrelated = text("rsa3072.certificate.pem");
    for file in [text("chain.pem"), text("chain.key-last.pem"), unrelated + &text("chain.pem")] {
        let header = header(&sign(&CertificateParts { send_x5c: true, ..pem(&file) }).unwrap());
        let x5c: Vec<&str> =
            header["x5c"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let chain = ["leaf", "intermediate", "root"]
            .map(|name| base64_of(&format!("{name}.certificate.pem")));
        assert_eq!(x5c, chain);
    }
}

#[test]
fn b15_a_certificate_of_another_key_is_rejected() {
    assert_eq!(refusal(&pem(&text("mismatched.pem"))).code, RejectionCode::Conflict);
}

#[test]
fn b16_line_ends_white_space_and_surrounding_text_are_ignored() {
    let plain = text("rsa2048.pem");
    for changed in [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace('\n', " \t\n"),
        plain.trim_end().to_owned(),
        format!("\u{feff}{plain}"),
        format!("Bag Attributes\n  friendlyName: x\n{plain}\nsome text\n"),
    ] {
        sign(&pem(&changed)).unwrap();
    }
    let escaped = plain.replace('\n', "\\n");
    assert!(refusal(&pem(&escaped)).reason.contains("two characters"));
}

#[test]
fn b17_truncated_files_are_rejected() {
    let whole = text("rsa2048.pem");
    let last = whole.trim_end().len();
    for length in (0..last).step_by(7) {
        let certificate = pem(&whole[..length]);
        if length > 0 {
            assert!(sign(&certificate).is_err(), "{length}");
        }
    }
    let chain = text("chain.pem");
    let inside_the_last = chain.trim_end().len() - 40;
    assert!(sign(&pem(&chain[..inside_the_last])).is_err());
}

#[test]
fn b17_truncated_pkcs12_files_are_rejected() {
    for name in ["legacy.pfx", "tripledes.pfx", "bc-pkcs12.p12", "kv-plain-nomac.pfx"] {
        let whole = bytes(&format!("others/{name}"));
        for length in (1..whole.len()).step_by(7) {
            let file = pkcs12(&whole[..length]);
            let file = if name.starts_with("kv") { file } else { with_passphrase(file, "hunter2") };
            assert!(sign(&file).is_err(), "{name}, {length}");
        }
    }
}

#[test]
fn a_passphrase_may_have_any_characters() {
    let file = pkcs12(&bytes("others/passphrase.pfx"));
    sign(&with_passphrase(file.clone(), "héllo 🔑")).unwrap();
    for wrong in ["héllo", "hello 🔑", "🔑"] {
        let refusal = refusal(&with_passphrase(file.clone(), wrong));
        assert_eq!(refusal.code, RejectionCode::NotDecryptable);
    }
    // It must not count as none.
    assert!(sign(&with_passphrase(pkcs12(&bytes("others/emptypass.pfx")), "🔑")).is_err());
}

#[test]
fn b18_mislabelled_nested_and_endless_sections_are_rejected() {
    let plain = text("rsa2048.pem");
    let mislabelled = plain.replacen("END PRIVATE KEY", "END CERTIFICATE", 1);
    let nested = plain.replacen(
        "-----BEGIN PRIVATE KEY-----\n",
        "-----BEGIN X-----\n-----BEGIN PRIVATE KEY-----\n",
        1,
    );
    let endless = "-".repeat(200_000);
    for changed in [mislabelled, nested, endless] {
        sign(&pem(&changed)).unwrap_err();
    }
    let too_long = pem(&"-".repeat(10 << 20));
    assert!(Credential::from_parts(CredentialParts::Certificate(too_long)).is_err());
}

#[test]
fn b19_base64_is_parsed_strictly() {
    let plain = text("rsa2048.pem");
    let first_line = plain.lines().nth(1).unwrap();
    for changed in [
        plain.replacen(first_line, &first_line.replacen('M', "\0", 1), 1),
        plain.replacen(first_line, &first_line.replacen('M', "-", 1), 1),
        plain.replacen(first_line, &first_line.replacen('M', "_", 1), 1),
        plain.replacen(first_line, &first_line[1..], 1),
    ] {
        sign(&pem(&changed)).unwrap_err();
    }
}

#[test]
fn b20_damaged_der_is_rejected() {
    for der in [
        vec![0x30, 0x80, 0, 0],
        vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        [0x30, 0x82, 0x27, 0x10].repeat(2_500),
        [STANDARD.decode(base64_of("rsa2048.key.pem")).unwrap(), vec![0]].concat(),
    ] {
        let key = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(&der)
        );
        sign(&pem(&(key + &text("rsa2048.certificate.pem")))).unwrap_err();
        sign(&pkcs12(&der)).unwrap_err();
    }
    let trailing =
        [STANDARD.decode(base64_of("rsa2048.certificate.pem")).unwrap(), vec![0]].concat();
    let certificate = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(trailing)
    );
    sign(&pem(&(text("rsa2048.key.pem") + &certificate))).unwrap_err();
}

#[test]
fn b21_an_expired_or_future_certificate_signs_with_a_warning() {
    let expired = pem(&text("expired.pem"));
    let credential = credential(&expired).unwrap();
    let loaded = credential.load(NOW).unwrap();
    assert!(loaded.warnings()[0].contains("expired at 2021-01-01"), "{:?}", loaded.warnings());
    let early = credential.load(UnixTime::from_seconds(1_577_836_799)).unwrap();
    assert!(early.warnings()[0].contains("not valid before 2020-01-01"), "{:?}", early.warnings());
    sign(&expired).unwrap();
}

#[test]
fn b22_b23_b24_a_thumbprint_must_match_the_certificate() {
    let prints = text("rsa2048.fingerprints");
    let prints: Vec<&str> =
        prints.lines().filter_map(|line| line.split_once('=')).map(|(_, print)| print).collect();
    let with = |print: &str| CertificateParts {
        thumbprint: Some(print.to_owned()),
        ..pem(&text("rsa2048.pem"))
    };
    for print in &prints {
        sign(&with(print)).unwrap();
        sign(&with(&print.replace(':', "").to_lowercase())).unwrap();
        sign(&with(&print.replace(':', " "))).unwrap();
    }
    assert_eq!(refusal(&with(&"00".repeat(20))).code, RejectionCode::Conflict);
    assert_eq!(refusal(&with(&"00".repeat(32))).code, RejectionCode::Conflict);
    let pasted = format!("\u{200e}{}", prints[0]);
    let pasted = credential(&with(&pasted)).unwrap_err();
    assert!(pasted.reason.contains("invisible"), "{}", pasted.reason);
}

#[test]
fn b25_thumbprints_hash_the_der_and_are_unpadded_base64url() {
    let prints = text("rsa2048.fingerprints");
    let expected: Vec<String> = prints
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(_, print)| {
            let bytes: Vec<u8> =
                print.split(':').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
            URL_SAFE_NO_PAD.encode(bytes)
        })
        .collect();
    let ps256 = header(&sign(&pem(&text("rsa2048.pem"))).unwrap());
    assert_eq!((ps256["alg"].as_str(), ps256["typ"].as_str()), (Some("PS256"), Some("JWT")));
    assert_eq!(ps256["x5t#S256"].as_str().unwrap(), expected[1]);
    assert!(ps256.get("x5t").is_none() && ps256.get("x5c").is_none());
    let rs256 =
        CertificateParts { algorithm: Some(SigningAlgorithm::Rs256), ..pem(&text("rsa2048.pem")) };
    let rs256 = header(&sign(&rs256).unwrap());
    assert_eq!(rs256["alg"].as_str(), Some("RS256"));
    assert_eq!(rs256["x5t"].as_str().unwrap(), expected[0]);
    assert!(rs256.get("x5t#S256").is_none());
}

#[test]
fn b26_a_certificate_that_makes_the_assertion_too_long_is_rejected() {
    let refusal = refusal(&CertificateParts { send_x5c: true, ..pem(&text("large.pem")) });
    assert_eq!(refusal.code, RejectionCode::TooLong);
}

#[test]
fn b30_a_clock_in_1970_or_2262_does_not_overflow() {
    let credential = credential(&pem(&text("rsa2048.pem"))).unwrap();
    for seconds in [0, 9_223_372_036, u64::MAX] {
        let now = UnixTime::from_seconds(seconds);
        let loaded = credential.load(now).unwrap();
        let audience = endpoint();
        loaded.prove(&AssertionParams { now, ..params(&audience) }, &[7; 48]).unwrap();
    }
}

#[test]
fn too_few_random_bytes_make_no_assertion() {
    let credential = credential(&pem(&text("rsa2048.pem"))).unwrap();
    let loaded = credential.load(NOW).unwrap();
    assert!(loaded.prove(&params(&endpoint()), &[7; 47]).is_err());
}

const PASSPHRASE: &str = "test-only-passphrase";
const NOW: UnixTime = UnixTime::from_seconds(1_795_000_000);

fn endpoint() -> Endpoint {
    let rules = AuthorityRules::default();
    Authority::parse("authority", "contoso.com", &rules).unwrap().to_token_endpoint()
}

fn params(audience: &Endpoint) -> AssertionParams<'_> {
    AssertionParams {
        client_id: "client",
        audience,
        now: NOW,
        algorithm: SigningAlgorithm::Ps256,
        send_x5c: None,
        extra_claims: None,
    }
}

fn credential(parts: &CertificateParts) -> Result<Credential, Rejection> {
    Credential::from_parts(CredentialParts::Certificate(parts.clone()))
}

/// Returns the client assertion, or why the certificate was rejected.
fn sign(parts: &CertificateParts) -> Result<String, Rejection> {
    let credential = credential(parts)?;
    let proof = credential.load(NOW)?.prove(&params(&endpoint()), &[7; 48])?.unwrap();
    let (name, assertion) = proof.fields().last().unwrap();
    assert_eq!(*name, "client_assertion");
    Ok(assertion.expose().clone())
}

fn refusal(parts: &CertificateParts) -> Rejection {
    sign(parts).unwrap_err()
}

fn header(assertion: &str) -> Value {
    let (header, _) = assertion.split_once('.').unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

fn pem(text: &str) -> CertificateParts {
    parts(CertificateSource::Pem(Secret::from(text.to_owned())))
}

fn pkcs12(bytes: &[u8]) -> CertificateParts {
    parts(CertificateSource::Pkcs12(Secret::from(bytes.to_vec())))
}

fn parts(source: CertificateSource) -> CertificateParts {
    CertificateParts {
        source,
        passphrase: None,
        send_x5c: false,
        algorithm: None,
        thumbprint: None,
        extra_claims: None,
    }
}

fn with_passphrase(parts: CertificateParts, passphrase: &str) -> CertificateParts {
    CertificateParts { passphrase: Some(Secret::from(passphrase.to_owned())), ..parts }
}

fn base64_of(name: &str) -> String {
    text(name).lines().filter(|line| !line.starts_with("-----")).collect()
}

fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

fn bytes(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
