//! Diagnostics, paths and capabilities.

use super::proto::{self, attribute_path};
use crate::{Capabilities, Deferral, Diagnostic, Diagnostics, Path, Severity, Step};

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
        detail: located(&diagnostic),
        summary: diagnostic.summary,
        attribute: diagnostic.path.filter(|found| !found.is_root()).map(|found| path(&found)),
    }
}

/// The detail, with the path if no text names it: Terraform shows the line of the outermost attribute only.
fn located(diagnostic: &Diagnostic) -> String {
    let detail = &diagnostic.detail;
    let Some(path) = diagnostic.path.as_ref().filter(|path| path.steps().len() > 1).map(ToString::to_string) else {
        return detail.clone();
    };
    if diagnostic.summary.contains(&path) || detail.contains(&path) {
        return detail.clone();
    }
    format!("{detail}\n\nAttribute: {path}").trim_start().to_owned()
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

pub(crate) fn deferred(deferral: Deferral) -> proto::Deferred {
    use proto::deferred::Reason;
    let reason = match deferral {
        Deferral::ResourceConfigUnknown => Reason::ResourceConfigUnknown,
        Deferral::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
        Deferral::AbsentPrerequisite => Reason::AbsentPrereq,
    };
    proto::Deferred { reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_attribute_is_named_in_the_text_once() {
        let nested = Path::root().attr("network").attr("cidr");
        let rows = [
            (nested.clone(), "Invalid.", "Invalid.\n\nAttribute: network.cidr"),
            (nested.clone(), "", "Attribute: network.cidr"),
            (nested, "network.cidr is invalid.", "network.cidr is invalid."),
            (Path::root().attr("name"), "Invalid.", "Invalid."),
        ];
        for (path, detail, shown) in rows {
            let mut diagnostics = Diagnostics::new();
            diagnostics.attribute_error(path, "Wrong", detail);
            assert_eq!(super::diagnostics(diagnostics)[0].detail, shown);
        }
    }
}
