//! The one HTTP client behind all AWS clients: with one of its own each would read and keep the system's certificates.

use std::{env, path::PathBuf};

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use percent_encoding::NON_ALPHANUMERIC;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use stellar_engine::Error;

use crate::settings::{Proxy, Settings};

/// The client. Without a proxy in the settings it heeds `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as the SDK's own does.
///
/// # Errors
/// [`stellar_engine::ErrorClass::Permanent`] for a proxy that is no URL and a file that holds no certificates.
pub(crate) fn client(settings: &Settings) -> Result<SharedHttpClient, Error> {
    let bundle = settings.ca_bundle.clone().or_else(|| env::var_os("AWS_CA_BUNDLE").map(PathBuf::from));
    let trust = bundle.map(trust).transpose()?.unwrap_or_default();
    let proxy = settings.proxy.as_ref().map_or_else(|| Ok(ProxyConfig::from_env()), proxy)?;
    let tls = TlsContext::builder().with_trust_store(trust).build();
    let tls = tls.map_err(|e| Error::permanent(format!("TLS cannot be set up: {e}")))?;
    Ok(Builder::new().build_with_connector_fn(move |settings, runtime| {
        let provider = Provider::Rustls(CryptoMode::AwsLc);
        let mut builder = Connector::builder().tls_provider(provider).tls_context(tls.clone());
        builder.set_proxy_config(Some(proxy.clone())).set_connector_settings(settings.cloned());
        if let Some(runtime) = runtime {
            builder.set_sleep_impl(runtime.sleep_impl());
        }
        builder.build()
    }))
}

/// The system's certificates and those of the file: a proxy that opens TLS has its own, other hosts have not.
fn trust(file: PathBuf) -> Result<TrustStore, Error> {
    let name = file.display();
    let pem = std::fs::read(&file);
    let pem = pem.map_err(|e| Error::permanent(format!("the certificates in {name} cannot be read: {e}")))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = certificates.unwrap_or_default();
    let count = certificates.len();
    // The client takes the file as it is and panics on what it cannot parse.
    let (usable, _) = RootCertStore::empty().add_parsable_certificates(certificates);
    if usable == 0 || usable < count {
        return Err(Error::permanent(format!(
            "{name} must hold certificates in PEM form (-----BEGIN CERTIFICATE-----); {usable} of {count} can be used"
        )));
    }
    Ok(TrustStore::empty().with_native_roots(true).with_pem_certificate(pem))
}

fn proxy(proxy: &Proxy) -> Result<ProxyConfig, Error> {
    let (url, login) = split_login(&proxy.url);
    // The URL itself is not repeated: it may hold a password.
    let config = ProxyConfig::all(url.as_str());
    let mut config = config.map_err(|_| Error::permanent("the proxy must be a URL such as http://proxy:3128"))?;
    if let Some((user, password)) = login {
        // The client writes them into the URL, which is read up to the first `@` and decoded.
        let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        config = config.with_basic_auth(encoded(&user), encoded(&password));
    }
    Ok(match &proxy.except {
        Some(except) => config.no_proxy(except),
        None => config,
    })
}

/// `http://user:password@host` as the URL without the login, and the login.
fn split_login(url: &str) -> (String, Option<(String, String)>) {
    let parts = url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
    let Some((scheme, (login, host))) = parts else { return (url.to_owned(), None) };
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    (format!("{scheme}://{host}"), Some((plain(user), plain(password))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_url_may_hold_a_login() {
        let login = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        let rows = [
            ("http://proxy:3128", "http://proxy:3128", None),
            ("http://ann:a%40b@proxy:3128", "http://proxy:3128", login("ann", "a@b")),
            ("http://ann:a@b:c@proxy:3128", "http://proxy:3128", login("ann", "a@b:c")),
            ("http://ann@proxy", "http://proxy", login("ann", "")),
        ];
        for (url, host, expected) in rows {
            assert_eq!(split_login(url), (host.to_owned(), expected), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_told_before_any_request() {
        let with = |proxy: Option<&str>, bundle: Option<&str>| Settings {
            proxy: proxy.map(|url| Proxy { url: url.to_owned(), except: None }),
            ca_bundle: bundle.map(PathBuf::from),
            ..Settings::default()
        };
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let rows = [
            (with(Some("http://proxy:3128"), None), None),
            (with(Some("http://secret word@"), None), Some("http://proxy:3128")),
            (with(None, Some("/absent.pem")), Some("/absent.pem cannot be read")),
            (with(None, Some(manifest)), Some("PEM")),
        ];
        for (settings, word) in rows {
            match (client(&settings), word) {
                (Ok(_), None) => {}
                (Err(error), Some(word)) => {
                    assert!(error.message.contains(word), "{error}");
                    assert!(!error.message.contains("secret"), "{error}");
                }
                (other, _) => panic!("{settings:?}: {other:?}"),
            }
        }
    }
}
