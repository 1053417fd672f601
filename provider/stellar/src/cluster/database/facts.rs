//! What is looked up: the newest minor version of a major one.

use stellar_aws::{Aws, rds::versions::newest};
use stellar_engine::Error;
use tfplugin_sdk::Attr;

use super::{DEFAULT_VERSION, Database, Facts, major};

/// Looks up what is missing; what is known stays, also when there is a newer version by now.
///
/// # Errors
/// Those of the call; `Permanent` when RDS does not offer the version in the region.
pub async fn facts(aws: &Aws, region: &str, config: &Database, facts: &mut Facts) -> Result<(), Error> {
    let version = match &config.version {
        Attr::Known(version) => version.as_str(),
        Attr::Null => DEFAULT_VERSION,
        Attr::Unknown => return Ok(()),
    };
    // A full version says all.
    if version != major(version) || facts.releases.contains_key(version) {
        return Ok(());
    }
    let release = newest(aws, region, "postgres", &format!("postgres{version}")).await?;
    facts.releases.insert(version.to_owned(), release);
    Ok(())
}
