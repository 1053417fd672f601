//! Launch template: what the instances of a node group have in common. Proof: tag; its name is unique in the region.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    LaunchTemplateBlockDeviceMappingRequest, LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateHttpTokensState,
    LaunchTemplateInstanceMetadataEndpointState, LaunchTemplateInstanceMetadataOptionsRequest,
    LaunchTemplateTagSpecificationRequest, RequestLaunchTemplateData, ResourceType, ResponseLaunchTemplateData,
    VolumeType,
};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{Address, Changes, Error, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits};

use super::{answer::new_token, tags};
use crate::{Aws, access::Needs, call};

/// A template for instances with an encrypted disk and IMDSv2 only. It names no image, type, subnet or
/// profile: EKS fills these in. Outputs: `id`, `name`, `version` (a number, as text).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// At most 128 characters; cannot be changed.
    pub name: String,
    /// The disk's device: `/dev/xvda`, for Bottlerocket's data `/dev/xvdb`.
    pub disk_device: String,
    /// Size of the gp3 disk in GiB.
    pub disk_gb: i32,
    /// Network hops that an answer of the metadata service survives; 1 keeps pods away from the node's role.
    pub metadata_hops: i32,
    /// Tags of instances and their disks. Those of running nodes stay: new tags alone renew no node.
    pub instance_tags: Tags,
}

impl Properties for LaunchTemplate {
    const KIND: &'static str = "ec2/launch-template";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"],
    create: &["ec2:CreateLaunchTemplate", "ec2:CreateTags"],
    update: &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", "ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:DeleteLaunchTemplate"],
    ..Needs::NOTHING
};

/// The kind `ec2/launch-template`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = LaunchTemplate;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("name", Rule::Replace("the name of a launch template cannot be changed")),
                ("instance_tags", Rule::CreateOnly),
            ],
            volatile: &["version"],
            ..Traits::new(LaunchTemplate::KIND, "launch template")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<LaunchTemplate>],
    ) -> Vec<Result<Option<Observed<LaunchTemplate>>, Error>> {
        let all = self.owned(scope).await;
        super::pick(scope, targets, &all)
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &LaunchTemplate) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let (token, data) = (scope.token(address, "create"), data(desired));
        let tags = tags::on_create(ResourceType::LaunchTemplate, &scope.tags_of(address));
        let request = || {
            ec2.create_launch_template()
                .launch_template_name(&desired.name)
                .launch_template_data(data.clone())
                .client_token(&token)
                .tag_specifications(tags.clone())
                .send()
        };
        let output = call("ec2:CreateLaunchTemplate", request).await?;
        let id = output.launch_template().and_then(|template| template.launch_template_id());
        id.map(str::to_owned).ok_or_else(|| Error::permanent("ec2:CreateLaunchTemplate answered without an id"))
    }

    /// A new version with all settings, which then is the default: the one that is compared and used.
    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &LaunchTemplate,
        observed: &Observed<LaunchTemplate>,
        _: &Changes,
    ) -> Result<(), Error> {
        let (ec2, id, data) = (self.0.ec2(&scope.region), &observed.id, data(desired));
        let create = ec2.create_launch_template_version().launch_template_id(id).launch_template_data(data);
        let create = create.client_token(new_token());
        let output = call("ec2:CreateLaunchTemplateVersion", || create.clone().send()).await?;
        let version = output.launch_template_version().and_then(|version| version.version_number());
        let Some(version) = version else {
            return Err(Error::permanent("ec2:CreateLaunchTemplateVersion answered without a version"));
        };
        let modify = || ec2.modify_launch_template().launch_template_id(id).default_version(version.to_string());
        call("ec2:ModifyLaunchTemplate", || modify().send()).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<LaunchTemplate>,
        _: Option<&LaunchTemplate>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.delete_launch_template().launch_template_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DeleteLaunchTemplate", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<LaunchTemplate>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }
}

impl Kind {
    /// All launch templates of the stack, each with its default version.
    async fn owned(&self, scope: &Scope) -> Result<Vec<Observed<LaunchTemplate>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let pages = || ec2.describe_launch_templates().filters(tags::claim_filter(scope)).into_paginator().items();
        let templates: Vec<_> = call("ec2:DescribeLaunchTemplates", || pages().send().collect()).await?;
        let all = templates.iter().map(async |template| {
            let id = template.launch_template_id().unwrap_or_default();
            // It may go between the two calls.
            let Some(data) = Error::absent_is_none(self.default_version(scope, id).await)? else { return Ok(None) };
            let name = template.launch_template_name().unwrap_or_default();
            let version = template.default_version_number().unwrap_or_default().to_string();
            let props = data.map(|data| observe(name, &data)).unwrap_or_default();
            let observed = Observed::new(id, props).output("id", id).output("name", name).output("version", version);
            Ok(Some(observed.tags(tags::from_sdk(template.tags()))))
        });
        Ok(try_join_all(all).await?.into_iter().flatten().collect())
    }

    async fn default_version(&self, scope: &Scope, id: &str) -> Result<Option<ResponseLaunchTemplateData>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_launch_template_versions().launch_template_id(id).versions("$Default").send();
        let output = call("ec2:DescribeLaunchTemplateVersions", request).await?;
        Ok(output.launch_template_versions().first().and_then(|version| version.launch_template_data.clone()))
    }
}

fn data(desired: &LaunchTemplate) -> RequestLaunchTemplateData {
    let disk = LaunchTemplateEbsBlockDeviceRequest::builder()
        .volume_type(VolumeType::Gp3)
        .volume_size(desired.disk_gb)
        .encrypted(true)
        .delete_on_termination(true)
        .build();
    let device = LaunchTemplateBlockDeviceMappingRequest::builder().device_name(&desired.disk_device).ebs(disk).build();
    let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_endpoint(LaunchTemplateInstanceMetadataEndpointState::Enabled)
        .http_tokens(LaunchTemplateHttpTokensState::Required)
        .http_put_response_hop_limit(desired.metadata_hops)
        .build();
    let tagged = |kind: ResourceType| {
        let tags = tags::on_create(kind.clone(), &desired.instance_tags).tags;
        LaunchTemplateTagSpecificationRequest::builder().resource_type(kind).set_tags(tags).build()
    };
    RequestLaunchTemplateData::builder()
        .block_device_mappings(device)
        .metadata_options(metadata)
        .tag_specifications(tagged(ResourceType::Instance))
        .tag_specifications(tagged(ResourceType::Volume))
        .build()
}

/// The default version in the desired shape.
fn observe(name: &str, data: &ResponseLaunchTemplateData) -> LaunchTemplate {
    let device = data.block_device_mappings().first();
    let instance_tags = data.tag_specifications().iter().find(|s| s.resource_type() == Some(&ResourceType::Instance));
    LaunchTemplate {
        name: name.to_owned(),
        disk_device: device.and_then(|device| device.device_name()).unwrap_or_default().to_owned(),
        disk_gb: device.and_then(|device| device.ebs()?.volume_size()).unwrap_or_default(),
        metadata_hops: data.metadata_options().and_then(|m| m.http_put_response_hop_limit()).unwrap_or_default(),
        instance_tags: instance_tags.map(|specification| tags::from_sdk(specification.tags())).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_have_an_encrypted_disk_and_answer_tokens_only() {
        let desired = LaunchTemplate { disk_gb: 100, metadata_hops: 1, ..LaunchTemplate::default() };
        let data = data(&desired);
        let disk = data.block_device_mappings()[0].ebs().unwrap();
        assert_eq!(
            (disk.encrypted(), disk.volume_size(), disk.volume_type()),
            (Some(true), Some(100), Some(&VolumeType::Gp3))
        );
        let metadata = data.metadata_options().unwrap();
        assert_eq!(metadata.http_tokens(), Some(&LaunchTemplateHttpTokensState::Required));
        assert_eq!(metadata.http_put_response_hop_limit(), Some(1));
    }
}
