//! The ephemeral resource whose attribute `mode` says what its next call does.

use std::time::{Duration, UNIX_EPOCH};

use tfplugin_sdk::{
    Attr, CloseRequest, Deferral, Diagnostics, EphemeralResource, Model, OpenRequest, OpenResponse, Path, RenewRequest,
    RenewResponse, Schema, ValidateRequest, async_trait,
};

pub struct TokenResource;

/// A token.
#[derive(Clone, Debug, Default, Schema)]
struct Token {
    #[attr(required)]
    mode: Attr<String>,
    #[attr(computed, sensitive)]
    value: Attr<String>,
}

#[async_trait]
impl EphemeralResource for TokenResource {
    fn type_name(&self) -> &str {
        "conformance_token"
    }

    fn schema(&self) -> Schema {
        Schema::of::<Token>()
    }

    async fn validate(&self, request: ValidateRequest) -> Diagnostics {
        let mut found = Diagnostics::new();
        if request.config.get("mode").as_str() == Some("") {
            found.attribute_error(Path::root().attr("mode"), "Empty mode", "A mode has a name.");
        }
        found
    }

    async fn open(&self, request: OpenRequest) -> OpenResponse {
        let mut response = OpenResponse { private: b"opened".to_vec(), ..OpenResponse::default() };
        let mode = request.config.get("mode").as_str().unwrap_or_default().to_owned();
        let mut token = Token { mode: mode.as_str().into(), value: "t0ken".into() };
        match mode.as_str() {
            "panic" => panic!("asked to"),
            "fail" => response.diagnostics.error("No token", "none is left"),
            "nothing" => return response,
            "other mode" => token.mode = "x".into(),
            "unknown" => token.value = Attr::Unknown,
            "later" => response.deferred = Some(Deferral::AbsentPrerequisite),
            "renewed" => response.renew_at = Some(UNIX_EPOCH + Duration::from_secs(1000)),
            _ => {}
        }
        response.result = Some(token.encode());
        response
    }

    async fn renew(&self, request: RenewRequest) -> RenewResponse {
        let private = [request.private.as_slice(), b"+"].concat();
        RenewResponse {
            private,
            renew_at: Some(UNIX_EPOCH + Duration::from_millis(2500)),
            diagnostics: Diagnostics::new(),
        }
    }

    async fn close(&self, request: CloseRequest) -> Diagnostics {
        let mut found = Diagnostics::new();
        found.warning(
            "Closed",
            format!("{} {}", String::from_utf8_lossy(&request.private), request.cancel.is_cancelled()),
        );
        found
    }
}
