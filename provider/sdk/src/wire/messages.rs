//! Diagnostics, paths and capabilities.

use super::proto::{self, attribute_path};
use crate::{Capabilities, Diagnostic, Diagnostics, Path, Severity, Step};

pub(crate) fn diagnostics(diagnostics: Diagnostics) -> Vec<proto::Diagnostic> {
    let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    tracing::trace!(target: "sdk.proto", diagnostic_error_count = errors, diagnostic_warning_count = warnings, "diagnostics");
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> proto::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    proto::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: diagnostic.path.filter(|found| !found.is_root()).map(|found| path(&found)),
    }
}

pub(crate) fn path(path: &Path) -> proto::AttributePath {
    use attribute_path::step::Selector;
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            Step::Attr(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX)),
        };
        attribute_path::Step { selector: Some(selector) }
    });
    proto::AttributePath { steps: steps.collect() }
}

/// Terraform before 1.8 sends none.
pub(crate) fn capabilities(wire: Option<proto::ClientCapabilities>) -> Capabilities {
    let wire = wire.unwrap_or_default();
    Capabilities {
        deferral_allowed: wire.deferral_allowed,
        write_only_attributes_allowed: wire.write_only_attributes_allowed,
        store_planned_private: wire.store_planned_private,
        computed_blocks_allowed: wire.computed_blocks_allowed,
    }
}
