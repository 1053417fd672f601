//! The log: `tracing` events as the JSON lines that Terraform reads from a provider's standard error.
//!
//! Terraform shows them with TF_LOG or TF_LOG_PROVIDER. A provider's own variable, `TF_LOG_PROVIDER_<NAME>`, goes first.

mod layer;
mod mask;
mod panic;

pub use mask::mask;
#[cfg(test)]
pub(crate) use mask::masked as shown;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

use crate::Provider;

/// The transport's own crates say little that helps, and say it often.
const NOISY: [&str; 6] = ["h2", "hyper", "hyper_util", "rustls", "tonic", "tower"];

/// Starts the log of a provider. A subscriber that is already set stays.
pub(crate) fn init(provider: &dyn Provider) {
    panic::install();
    let level = level(provider.type_name(), |variable| std::env::var(variable).ok());
    let quiet = provider.quiet_crates().into_iter().chain(NOISY).map(|target| (target, level.min(LevelFilter::WARN)));
    let filter = Targets::new().with_default(level).with_targets(quiet);
    let subscriber = tracing_subscriber::registry().with(layer::Lines::new(std::io::stderr).with_filter(filter));
    let _ = tracing::subscriber::set_global_default(subscriber);
    let (address, version) = (provider.address(), provider.version());
    tracing::debug!(target: "sdk.proto", tf_provider_addr = address, version, "the provider starts");
}

/// The level by the first variable that is set. Without any Terraform shows nothing, so nothing is written.
fn level(name: &str, env: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let own = format!("TF_LOG_PROVIDER_{}", name.replace('-', "_").to_uppercase());
    let set =
        [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"].into_iter().find_map(|name| env(name).filter(|v| !v.is_empty()));
    match set.map(|level| level.to_uppercase()).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // TRACE and JSON; and Terraform, too, takes what it does not know as TRACE.
        Some(_) => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_variable_sets_the_level() {
        let cases: [(&[(&str, &str)], LevelFilter); 6] = [
            (&[], LevelFilter::OFF),
            (&[("TF_LOG", "debug")], LevelFilter::DEBUG),
            (&[("TF_LOG", "JSON")], LevelFilter::TRACE),
            (&[("TF_LOG", "DEBUG"), ("TF_LOG_PROVIDER", "")], LevelFilter::DEBUG),
            (&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "ERROR")], LevelFilter::ERROR),
            (&[("TF_LOG_PROVIDER", "TRACE"), ("TF_LOG_PROVIDER_MY_NAME", "WARN")], LevelFilter::WARN),
        ];
        for (variables, expected) in cases {
            let env = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(level("my-name", env), expected, "{variables:?}");
        }
    }
}
