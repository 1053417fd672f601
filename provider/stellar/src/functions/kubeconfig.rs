//! `kubeconfig(cluster)`: a configuration file for kubectl and its relatives, without any secret in it.

use serde_json::json;
use tfplugin_sdk::{AttrType, Function, FunctionError, Parameter, Signature, Value, async_trait};

use super::wrong;

/// The function `kubeconfig`.
pub struct Kubeconfig;

#[async_trait]
impl Function for Kubeconfig {
    fn name(&self) -> &str {
        "kubeconfig"
    }

    fn signature(&self) -> Signature {
        let cluster = Parameter {
            name: "cluster".to_owned(),
            description: "A `stellar_cluster`, as resource or data source, or its output `eks`.".to_owned(),
            ty: AttrType::Dynamic,
            ..Parameter::default()
        };
        Signature {
            summary: "A kubeconfig for a cluster".to_owned(),
            description: "The text of a kubeconfig (YAML). It holds no secret: kubectl asks the AWS CLI for a token \
                          (`aws eks get-token`) with the credentials of whoever uses it."
                .to_owned(),
            parameters: vec![cluster],
            variadic: None,
            result: AttrType::String,
        }
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let cluster = arguments.first().unwrap_or(&Value::Null);
        if cluster.is_unknown() || cluster.get("eks").is_unknown() {
            return Ok(Value::Unknown);
        }
        let eks = if cluster.get("eks").is_null() { cluster } else { cluster.get("eks") };
        let fields = ["arn", "name", "endpoint", "certificate_authority"].map(|field| eks.get(field));
        if fields.iter().any(|field| field.is_unknown()) {
            return Ok(Value::Unknown);
        }
        let [Some(arn), Some(name), Some(endpoint), Some(authority)] = fields.map(Value::as_str) else {
            return Err(wrong(
                0,
                "there is no EKS cluster in it: give a stellar_cluster with the section kubernetes, or its output eks",
            ));
        };
        let Some(region) = arn.split(':').nth(3).filter(|region| !region.is_empty()) else {
            return Err(wrong(0, format!("{arn:?} is not the ARN of an EKS cluster")));
        };
        Ok(text(arn, region, name, endpoint, authority).into())
    }
}

/// The file. Texts are quoted as JSON, which YAML reads as it is.
fn text(arn: &str, region: &str, name: &str, endpoint: &str, authority: &str) -> String {
    let quoted = |text: &str| json!(text).to_string();
    let (arn, region, name) = (quoted(arn), quoted(region), quoted(name));
    let (endpoint, authority) = (quoted(endpoint), quoted(authority));
    format!(
        "apiVersion: v1
kind: Config
current-context: {arn}
clusters:
  - name: {arn}
    cluster:
      server: {endpoint}
      certificate-authority-data: {authority}
contexts:
  - name: {arn}
    context:
      cluster: {arn}
      user: {arn}
users:
  - name: {arn}
    user:
      exec:
        apiVersion: client.authentication.k8s.io/v1beta1
        command: aws
        args: [\"--region\", {region}, \"eks\", \"get-token\", \"--cluster-name\", {name}, \"--output\", \"json\"]
        interactiveMode: IfAvailable
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eks(arn: Value) -> Value {
        Value::map([
            ("arn", arn),
            ("name", "shop".into()),
            ("endpoint", "https://x.eks.amazonaws.com".into()),
            ("certificate_authority", "Q0E=".into()),
        ])
    }

    #[tokio::test]
    async fn a_cluster_and_its_output_give_the_same_file() {
        let arn = "arn:aws:eks:eu-west-1:123456789012:cluster/shop";
        let of = |argument: Value| Kubeconfig.call(vec![argument]);
        let whole = of(Value::map([("eks", eks(arn.into())), ("name", "shop".into())])).await.expect("a file");
        assert_eq!(whole, of(eks(arn.into())).await.expect("a file"));
        let text = whole.as_str().expect("text");
        let args =
            r#"args: ["--region", "eu-west-1", "eks", "get-token", "--cluster-name", "shop", "--output", "json"]"#;
        for line in ["server: \"https://x.eks.amazonaws.com\"", "certificate-authority-data: \"Q0E=\"", args] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[tokio::test]
    async fn what_is_not_there_yet_is_unknown_and_what_never_will_be_an_error() {
        let unknown = [Value::Unknown, Value::map([("eks", Value::Unknown)]), eks(Value::Unknown)];
        for argument in unknown {
            assert_eq!(Kubeconfig.call(vec![argument.clone()]).await, Ok(Value::Unknown), "{argument:?}");
        }
        for argument in [Value::Null, Value::map([("eks", Value::Null)]), eks("shop".into())] {
            assert!(Kubeconfig.call(vec![argument.clone()]).await.is_err(), "{argument:?}");
        }
    }
}
