//! Where a stack's actions apply: by its objects' names where ARNs hold them, by their tags where they do not.
//!
//! Which actions take resources and which condition keys: Service Authorization Reference. Creations are allowed with the
//! stack's tag in the request, everything else with the tag on the object.

use std::collections::BTreeSet;

use serde_json::Value;
use stellar_engine::{Component, TAG_STACK};

use super::{Policy, Stack};
use crate::{ec2::id_type, iam::role::Role, partition, s3::bucket::Bucket};

/// EC2's creations, with the type that they make.
const EC2_MAKES: [(&str, &str); 12] = [
    ("AllocateAddress", "elastic-ip"),
    ("AuthorizeSecurityGroupEgress", "security-group-rule"),
    ("AuthorizeSecurityGroupIngress", "security-group-rule"),
    ("CreateFlowLogs", "vpc-flow-log"),
    ("CreateInternetGateway", "internet-gateway"),
    ("CreateLaunchTemplate", "launch-template"),
    ("CreateNatGateway", "natgateway"),
    ("CreateRouteTable", "route-table"),
    ("CreateSecurityGroup", "security-group"),
    ("CreateSubnet", "subnet"),
    ("CreateVpc", "vpc"),
    ("CreateVpcEndpoint", "vpc-endpoint"),
];
/// Makes nothing, but happens to objects that the user brought along.
const EC2_JOINS: [&str; 3] = ["AssociateRouteTable", "CreateRoute", "ModifyVpcEndpoint"];
/// EKS's actions without a resource.
const EKS_GENERAL: [&str; 3] = ["DescribeAddonVersions", "DescribeClusterVersions", "ListClusters"];
/// What a service does with a key on behalf of whoever makes an object that is encrypted with it.
const KEY_USE: [&str; 2] = ["Decrypt", "GenerateDataKey"];
/// Changes of a key after which nobody else's data may be readable any more.
const KEY_CHANGES: [&str; 7] = [
    "CancelKeyDeletion",
    "DisableKeyRotation",
    "EnableKey",
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "UntagResource",
    "UpdateKeyDescription",
];

type Condition = (&'static str, String, Vec<String>);

/// A stack's place in its account.
pub(super) struct Place<'a> {
    stack: &'a Stack,
    /// Buckets with names of the user's choice.
    buckets: BTreeSet<String>,
    /// Managed policies of its roles; `None` = not known.
    policies: Option<BTreeSet<String>>,
    /// ARNs of the user's own keys.
    keys: BTreeSet<String>,
    /// Types and ids in EC2 that the user brought along.
    foreign: BTreeSet<(&'static str, String)>,
}

impl<'a> Place<'a> {
    pub(super) fn new(stack: &'a Stack, components: &[&Component]) -> Self {
        let mut place =
            Self { stack, buckets: BTreeSet::new(), policies: None, keys: BTreeSet::new(), foreign: BTreeSet::new() };
        for component in components {
            if component.kind == kind_of::<Bucket>() {
                let name = component.desired["name"].as_str().filter(|name| !name.starts_with(&place.derived("")));
                place.buckets.extend(name.map(str::to_owned));
            }
            if component.kind == kind_of::<Role>() {
                let policies = component.desired["managed_policy_arns"].as_array().into_iter().flatten();
                let policies = policies.filter_map(Value::as_str).map(str::to_owned);
                place.policies.get_or_insert_default().extend(policies);
            }
            texts(&component.desired, &mut |text| {
                if text.starts_with("arn:") && text.contains(":kms:") {
                    place.keys.insert(text.to_owned());
                }
                if let Some(of_type) = id_type(text) {
                    place.foreign.insert((of_type, text.to_owned()));
                }
            });
        }
        place
    }

    /// Adds an action, as IAM spells it, with the resources and conditions that suffice.
    pub(super) fn grant(&self, policy: &mut Policy, action: &str) {
        let (service, verb) = action.split_once(':').unwrap_or((action, ""));
        match service {
            "cloudfront" => self.cloudfront(policy, action, verb),
            "ec2" => self.ec2(policy, action, verb),
            "eks" => self.eks(policy, action, verb),
            "elasticache" | "rds" => self.store(policy, service, action, verb),
            "iam" => self.iam(policy, action, verb),
            "kms" => self.kms(policy, action, verb),
            "logs" => self.logs(policy, action, verb),
            // The private names of an endpoint stand in a zone of AWS's own.
            "route53" => add(
                policy,
                "EndpointNames",
                action,
                [format!("arn:{}:route53:::hostedzone/*", self.stack.partition)],
                [],
            ),
            "s3" => self.s3(policy, action, verb),
            "secretsmanager" if verb != "GetRandomPassword" => {
                let secrets = self.local("secretsmanager", &format!("secret:{}", self.derived("*")));
                add(policy, "Secrets", action, [secrets], []);
            }
            _ => add(policy, "Everywhere", action, ["*".to_owned()], []),
        }
    }

    /// Allows to hand the stack's roles to services.
    pub(super) fn pass(&self, policy: &mut Policy, services: &[&str]) {
        if !services.is_empty() {
            let named = |service: &&str| match *service {
                "ec2.amazonaws.com" => partition::ec2_principal(&self.stack.partition),
                service => service.to_owned(),
            };
            let services = services.iter().map(named).collect();
            let to = ("StringEquals", "iam:PassedToService".to_owned(), services);
            add(policy, "PassRoles", "iam:PassRole", [self.roles()], [to]);
        }
    }

    /// Allows services to make their service-linked roles.
    pub(super) fn link(&self, policy: &mut Policy, services: &[&str]) {
        for service in services {
            let role = self.global("iam", &format!("role/aws-service-role/{service}/*"));
            let name = ("StringEquals", "iam:AWSServiceName".to_owned(), vec![(*service).to_owned()]);
            // EKS looks with the caller's rights whether it is there already.
            add(policy, "ServiceLinkedRolesSeen", "iam:GetRole", [role.clone()], []);
            add(policy, "ServiceLinkedRoles", "iam:CreateServiceLinkedRole", [role], [name]);
        }
    }

    /// Allows whoever only looks to note that Terraform's state has the stack: one stream of the claim, of this name alone.
    pub(super) fn mark(&self, policy: &mut Policy) {
        let (action, stream) = super::besides::CLAIM_MARK;
        let group = format!("log-group:/stellar/{}:{stream}", self.stack.name);
        add(policy, "ClaimMark", action, [self.local("logs", &group)], []);
    }

    /// Allows to sweep what controllers in the cluster have left: by the tags that they give, not by those of the stack.
    pub(super) fn sweep(&self, policy: &mut Policy) {
        const SIDS: [&str; 6] =
            ["SweepOwned", "SweepBalancers", "SweepAutoMode", "SweepKarpenter", "SweepPods", "SweepGroups"];
        for (sid, (key, value, balancers, network)) in SIDS.into_iter().zip(crate::eks::SWEEPS) {
            let (key, value) = match value {
                Some(value) => (format!("{key}{}", self.stack.name), value.to_owned()),
                None => (key.to_owned(), self.stack.name.clone()),
            };
            for action in balancers.iter().chain(network) {
                let service = action.split_once(':').map_or("", |(service, _)| service);
                let tag = ("StringEquals", format!("aws:ResourceTag/{key}"), vec![value.clone()]);
                add(policy, sid, action, [self.local(service, "*")], [tag]);
            }
        }
    }

    /// The network's objects have ids for names. `ec2:CreateTags` within a creation says which one it is.
    fn ec2(&self, policy: &mut Policy, action: &str, verb: &str) {
        let any = self.local("ec2", "*/*");
        let of_type = |of_type: &str| self.local("ec2", &format!("{of_type}/*"));
        if verb.starts_with("Describe") {
            return add(policy, "Everywhere", action, ["*".to_owned()], []);
        }
        if let Some((_, made)) = EC2_MAKES.iter().find(|(name, _)| *name == verb) {
            add(policy, "NetworkNew", action, [of_type(made)], [self.requested()]);
            let creation = ("StringEquals", "ec2:CreateAction".to_owned(), vec![verb.to_owned()]);
            add(policy, "NetworkNewTags", "ec2:CreateTags", [any.clone()], [creation]);
        }
        match verb {
            // The group that AWS makes with a VPC, and closes its holes with, has no tags.
            "RevokeSecurityGroupEgress" | "RevokeSecurityGroupIngress" => {
                return add(policy, "NetworkClose", action, [of_type("security-group")], []);
            }
            // EKS starts nodes with the caller's rights on trial, from the pool's launch template.
            "RunInstances" => {
                let images = format!("arn:{}:ec2:{}::image/*", self.stack.partition, self.stack.region);
                let creation = ("StringEquals", "ec2:CreateAction".to_owned(), vec![verb.to_owned()]);
                add(policy, "NetworkNewTags", "ec2:CreateTags", [any.clone()], [creation]);
                let template = ("ArnLike", "ec2:LaunchTemplate".to_owned(), vec![of_type("launch-template")]);
                return add(policy, "Nodes", action, [any, images], [template]);
            }
            // Volumes carry the tags of the driver that made them.
            "DeleteVolume" => {
                let tag = format!("aws:ResourceTag/kubernetes.io/cluster/{}", self.stack.name);
                let owned = ("StringEquals", tag, vec!["owned".to_owned()]);
                return add(policy, "Volumes", action, [of_type("volume")], [owned]);
            }
            _ => add(policy, "NetworkOwn", action, [any], [self.tagged()]),
        }
        if !self.foreign.is_empty() && (EC2_MAKES.iter().any(|(name, _)| *name == verb) || EC2_JOINS.contains(&verb)) {
            let arns = self.foreign.iter().map(|(of_type, id)| self.local("ec2", &format!("{of_type}/{id}")));
            add(policy, "NetworkGiven", action, arns, []);
        }
    }

    fn eks(&self, policy: &mut Policy, action: &str, verb: &str) {
        let name = &self.stack.name;
        match verb {
            _ if EKS_GENERAL.contains(&verb) => add(policy, "Everywhere", action, ["*".to_owned()], []),
            "CreateCluster" => add(policy, "KubernetesNew", action, ["*".to_owned()], [self.requested()]),
            _ => {
                let own = [self.local("eks", &format!("*/{name}")), self.local("eks", &format!("*/{name}/*"))];
                add(policy, "Kubernetes", action, own, []);
            }
        }
    }

    /// RDS and ElastiCache: every object has a name; lists take none. A new object may use the service's default groups,
    /// and a restored one comes from somewhere else.
    fn store(&self, policy: &mut Policy, service: &str, action: &str, verb: &str) {
        let sid = if service == "rds" { "Databases" } else { "Caches" };
        if verb.starts_with("Describe") {
            return add(policy, "Everywhere", action, ["*".to_owned()], []);
        }
        let own = self.local(service, &format!("*:{}", self.derived("*")));
        let defaults = self.local(service, "*:default*");
        if verb.starts_with("Restore") || verb.starts_with("Copy") {
            return add(policy, "DatabasesRestored", action, [self.local(service, "*")], []);
        }
        add(policy, sid, action, [own, defaults], []);
    }

    fn iam(&self, policy: &mut Policy, action: &str, verb: &str) {
        match (&self.policies, verb) {
            (_, "GetAccountSummary") => add(policy, "Everywhere", action, ["*".to_owned()], []),
            (Some(policies), "AttachRolePolicy") if policies.is_empty() => {}
            (Some(policies), "AttachRolePolicy") => {
                let which = ("ArnEquals", "iam:PolicyARN".to_owned(), policies.iter().cloned().collect());
                add(policy, "RolePolicies", action, [self.roles()], [which]);
            }
            _ => add(policy, "Roles", action, [self.roles(), self.absent_roles()], []),
        }
    }

    /// Keys have ids for names. What KMS asks of tags it may know minutes after they were set, so only what could harm
    /// others depends on them.
    fn kms(&self, policy: &mut Policy, action: &str, verb: &str) {
        let keys = self.local("kms", "key/*");
        match verb {
            "CreateKey" => add(policy, "KeysNew", action, ["*".to_owned()], [self.requested()]),
            "ListAliases" | "ListKeys" => add(policy, "Everywhere", action, ["*".to_owned()], []),
            "CreateAlias" | "DeleteAlias" => {
                let alias = self.local("kms", &format!("alias/stellar/{}/*", self.stack.name));
                add(policy, "KeyAliases", action, [alias, keys], []);
            }
            "CreateGrant" => {
                let service = ("Bool", "kms:GrantIsForAWSResource".to_owned(), vec!["true".to_owned()]);
                add(policy, "KeyGrants", action, [keys], [service]);
            }
            _ if KEY_USE.contains(&verb) => {
                let via = |service: &str| format!("{service}.{}.{}", self.stack.region, self.suffix());
                let services = ["elasticache", "rds", "secretsmanager"].map(via).to_vec();
                add(policy, "KeyUse", action, [keys], [("StringEquals", "kms:ViaService".to_owned(), services)]);
            }
            _ if KEY_CHANGES.contains(&verb) => add(policy, "KeysOwn", action, [keys], [self.tagged()]),
            // A key that others brought along is only looked at.
            "TagResource" => add(policy, "KeysTag", action, ["*".to_owned()], [self.tagged_or_new()]),
            _ => add(policy, "Keys", action, [keys].into_iter().chain(self.keys.iter().cloned()), []),
        }
        if !self.keys.is_empty() && (verb == "CreateGrant" || KEY_USE.contains(&verb)) {
            add(policy, "KeysGiven", action, self.keys.iter().cloned(), []);
        }
    }

    /// The claim, and the groups that services make under the stack's name.
    fn logs(&self, policy: &mut Policy, action: &str, verb: &str) {
        let name = &self.stack.name;
        let groups = match verb {
            "DescribeLogGroups" => return add(policy, "Everywhere", action, ["*".to_owned()], []),
            "CreateLogStream"
            | "DeleteLogStream"
            | "DescribeLogStreams"
            | "GetLogEvents"
            | "PutLogEvents"
            | "PutLogGroupDeletionProtection" => vec![format!("/stellar/{name}"), format!("/stellar/{name}:*")],
            _ => {
                let claim = [format!("/stellar/{name}"), format!("/stellar/{name}:*")];
                let own = [format!("/aws/*/{name}/*"), format!("/aws/*/{}", self.derived("*"))];
                [claim, own].concat()
            }
        };
        let sid = if groups.len() == 2 { "Claim" } else { "LogGroups" };
        add(policy, sid, action, groups.iter().map(|group| self.local("logs", &format!("log-group:{group}"))), []);
    }

    fn s3(&self, policy: &mut Policy, action: &str, verb: &str) {
        let of_objects = ["AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion"].contains(&verb);
        let (sid, tail) = if of_objects { ("Objects", "/*") } else { ("Buckets", "") };
        let names = self.buckets.iter().cloned().chain([self.derived("*")]);
        add(policy, sid, action, names.map(|name| format!("arn:{}:s3:::{name}{tail}", self.stack.partition)), []);
    }

    /// Policies and access controls have ids for names and no tags.
    fn cloudfront(&self, policy: &mut Policy, action: &str, verb: &str) {
        let distributions = self.global("cloudfront", "distribution/*");
        match verb {
            "CreateDistribution" => add(policy, "CdnNew", action, ["*".to_owned()], [self.requested()]),
            "DeleteDistribution" | "UpdateDistribution" | "UntagResource" => {
                add(policy, "CdnOwn", action, [distributions], [self.tagged()]);
            }
            "TagResource" => add(policy, "CdnTags", action, ["*".to_owned()], [self.tagged_or_new()]),
            _ => add(policy, "Everywhere", action, ["*".to_owned()], []),
        }
    }

    /// `<stack>-<rest>`: how derived names begin.
    fn derived(&self, rest: &str) -> String {
        format!("{}-{rest}", self.stack.name)
    }

    fn roles(&self) -> String {
        let path = if self.stack.iam_path.is_empty() { "/" } else { &self.stack.iam_path };
        self.global("iam", &format!("role{path}{}", self.derived("*")))
    }

    /// A role that is not there yet, or not any more, has no path.
    fn absent_roles(&self) -> String {
        self.global("iam", &format!("role/{}", self.derived("*")))
    }

    fn local(&self, service: &str, rest: &str) -> String {
        let Stack { partition, region, account, .. } = self.stack;
        format!("arn:{partition}:{service}:{region}:{account}:{rest}")
    }

    fn global(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}::{}:{rest}", self.stack.partition, self.stack.account)
    }

    fn suffix(&self) -> &'static str {
        partition::dns_suffix(&self.stack.partition)
    }

    fn requested(&self) -> Condition {
        ("StringEquals", format!("aws:RequestTag/{TAG_STACK}"), vec![self.stack.name.clone()])
    }

    fn tagged(&self) -> Condition {
        ("StringEquals", format!("aws:ResourceTag/{TAG_STACK}"), vec![self.stack.name.clone()])
    }

    /// Nobody else's object: it has the stack's tag, or none of a stack yet.
    fn tagged_or_new(&self) -> Condition {
        ("StringEqualsIfExists", format!("aws:ResourceTag/{TAG_STACK}"), vec![self.stack.name.clone()])
    }
}

fn kind_of<P: stellar_engine::Properties>() -> &'static str {
    P::KIND
}

fn add(
    policy: &mut Policy,
    sid: &'static str,
    action: &str,
    resources: impl IntoIterator<Item = String>,
    conditions: impl IntoIterator<Item = Condition>,
) {
    let statement = policy.statements.entry(sid).or_default();
    statement.actions.insert(action.to_owned());
    statement.resources.extend(resources);
    for (operator, key, values) in conditions {
        statement.conditions.entry((operator, key)).or_default().extend(values);
    }
}

/// Every text in the tree.
fn texts(tree: &Value, visit: &mut dyn FnMut(&str)) {
    match tree {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, visit)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, visit)),
        _ => {}
    }
}
