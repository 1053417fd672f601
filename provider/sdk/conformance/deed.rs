//! The action whose attribute `mode` says what it does.

use tfplugin_sdk::{
    Action, Attr, Deferral, Diagnostics, InvokeRequest, PlanActionRequest, PlanActionResponse, Progress, Schema,
    async_trait, validators,
};

pub struct Deed;

/// Something to do.
#[derive(Clone, Debug, Default, Schema)]
struct Config {
    #[attr(required, validate = validators::one_of(["ok", "fail", "panic", "hang", "later"]))]
    mode: Attr<String>,
}

#[async_trait]
impl Action for Deed {
    fn type_name(&self) -> &str {
        "conformance_deed"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Config>()
    }

    async fn plan(&self, request: PlanActionRequest) -> PlanActionResponse {
        let later = request.config.get("mode").as_str() == Some("later");
        PlanActionResponse { deferred: later.then_some(Deferral::AbsentPrerequisite), ..PlanActionResponse::default() }
    }

    async fn invoke(&self, request: InvokeRequest, progress: Progress) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        progress.tell("one").await;
        match request.config.get("mode").as_str().unwrap_or_default() {
            "panic" => panic!("asked to"),
            "fail" => diagnostics.error("Cannot do it", "no access"),
            "hang" => {
                request.cancel.cancelled().await;
                diagnostics.error("Interrupted", "it is done in part");
            }
            _ => {
                progress.tell("two").await;
                progress.tell("three").await;
            }
        }
        diagnostics
    }
}
