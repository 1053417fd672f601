//! "Not in this run": an answer that only Terraform builds with deferred actions ask for.

/// Why an object cannot be planned, read, imported or opened in this run. Ask [`crate::Capabilities::deferral_allowed`]
/// first: to a client that does not allow it, a deferral is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferral {
    /// The object's own configuration is not known yet.
    ResourceConfigUnknown,
    /// The provider's configuration is not known yet.
    ProviderConfigUnknown,
    /// Something that it needs does not exist yet.
    AbsentPrerequisite,
}
