"""S3: the settings that every new bucket has, and its name, which is unique in the world."""

from __future__ import annotations

import re
from typing import Any

from moto.core.utils import get_service_model

from lab.extend import AwsError, Context, Output, Params, after, before, operation
from lab.kit.policies import unacceptable_principal
from lab.kit.refuse import refuse

GLOBAL = True
UNKNOWN = re.compile(
    "Metrics|IntelligentTiering|Analytics|Metadata|Abac|Annotation|Torrent"
    "|CreateSession|DirectoryBuckets|RenameObject|UpdateObjectEncryption|WriteGetObject"
)
"""Operations that moto does not tell apart from others with the same path."""
OPERATIONS = get_service_model("s3").operation_names
ANYWHERE = frozenset({"CreateBucket", "GetBucketLocation", "ListBuckets"})
"""Operations that every region answers."""
CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
ENCRYPTION = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
}


# moto takes these for a listing of objects.
refuse("s3", [name for name in OPERATIONS if UNKNOWN.search(name)])


NAME = re.compile(
    r"(?!xn--|sthree-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
)
"""Rules for names of buckets: User Guide, "General purpose bucket naming rules"."""
OWNERS = {"ExpectedBucketOwner": "Bucket", "ExpectedSourceBucketOwner": "CopySource"}
ENFORCED = "BucketOwnerEnforced"


@before("s3", *OPERATIONS)
def expected_owner(ctx: Context, params: Params) -> None:
    """A bucket of somebody else is not touched by mistake: every bucket here is the caller's."""
    if any(params.get(member, ctx.account) != ctx.account for member in OWNERS):
        raise AwsError("AccessDenied", "Access Denied", status=403)


@before("s3", "CreateBucket")
def well_named(_ctx: Context, params: Params) -> None:
    """3 to 63 lower-case letters, digits, hyphens and dots; and no ACL where none counts."""
    if not NAME.fullmatch(params["Bucket"]):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.", status=400)
    open_ = params.get("ACL", "private") != "private"
    if open_ and params.get("ObjectOwnership", ENFORCED) == ENFORCED:
        text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        raise AwsError("InvalidBucketAclWithObjectOwnership", text, status=400)


@before("s3", "PutBucketAcl", "PutObjectAcl", "PutObject", "CopyObject", "CreateMultipartUpload")
def acls_enabled(ctx: Context, params: Params) -> None:
    """Where the owner owns everything, ACLs are off: User Guide, "Controlling ownership"."""
    bucket = ctx.moto("s3").buckets.get(params["Bucket"])
    rules = getattr(bucket, "ownership_rule", None)
    grants = any(name.startswith("Grant") or name == "AccessControlPolicy" for name in params)
    harmless = (None,) if "Key" not in params else (None, "bucket-owner-full-control")
    if ENFORCED in str(rules) and (grants or params.get("ACL") not in harmless):
        text = "The bucket does not allow ACLs"
        raise AwsError("AccessControlListNotSupported", text, status=400)


@before("s3", "CreateBucket")
def name_free(ctx: Context, params: Params) -> None:
    """Only us-east-1 lets an owner create the same bucket there again."""
    bucket = ctx.moto("s3").buckets.get(params["Bucket"])
    if bucket is not None and not (bucket.region_name == ctx.region == "us-east-1"):
        text = "Your previous request to create the named bucket succeeded and you already own it."
        raise AwsError("BucketAlreadyOwnedByYou", text, 409, BucketName=params["Bucket"])


@before("s3", *(each for each in OPERATIONS if each not in ANYWHERE))
def right_region(ctx: Context, params: Params) -> None:
    """A bucket answers in its own region alone."""
    bucket = ctx.moto("s3").buckets.get(params.get("Bucket", ""))
    if bucket is not None and bucket.region_name != ctx.region:
        text = "The bucket you are attempting to access must be addressed using its own endpoint."
        place = {"x-amz-bucket-region": bucket.region_name}
        raise AwsError("PermanentRedirect", text, status=301, headers=place)


@after("s3", "CreateBucket")
def new_bucket_settings(ctx: Context, params: Params, _output: Output) -> None:
    """Closed to the public, encrypted, owner enforced; and the tags of the request."""
    name = params["Bucket"]
    if ctx.moto("s3").buckets[name].encryption is not None:
        return  # created again by its owner: what is set stays
    ownership = params.get("ObjectOwnership", "BucketOwnerEnforced")
    bucket = {"Bucket": name}
    _put(ctx, "PutBucketEncryption", bucket | {"ServerSideEncryptionConfiguration": ENCRYPTION})
    _put(ctx, "PutPublicAccessBlock", bucket | {"PublicAccessBlockConfiguration": CLOSED})
    rules = {"Rules": [{"ObjectOwnership": ownership}]}
    _put(ctx, "PutBucketOwnershipControls", bucket | {"OwnershipControls": rules})
    if tags := params.get("CreateBucketConfiguration", {}).get("Tags"):
        _put(ctx, "PutBucketTagging", bucket | {"Tagging": {"TagSet": tags}})


def _put(ctx: Context, operation: str, params: Params) -> None:
    ctx.call("s3", operation, params)


@after("s3", "DeleteBucketEncryption")
def never_unencrypted(ctx: Context, params: Params, _output: Output) -> None:
    """Without a rule of its own a bucket goes back to the default one."""
    settings = {"ServerSideEncryptionConfiguration": ENCRYPTION}
    _put(ctx, "PutBucketEncryption", {"Bucket": params["Bucket"]} | settings)


@before("s3", "PutBucketReplication")
def both_ends_versioned(ctx: Context, params: Params) -> None:
    """Source and destinations exist and keep versions; moto asks only about the source."""
    buckets = ctx.moto("s3").buckets
    source = buckets.get(params["Bucket"])
    if source is not None and source.versioning_status != "Enabled":
        text = "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        raise AwsError("InvalidRequest", text, status=400)
    for rule in params["ReplicationConfiguration"]["Rules"]:
        name = rule["Destination"]["Bucket"].rsplit(":", 1)[-1]
        if name not in buckets:
            raise AwsError("InvalidRequest", "Destination bucket must exist.", status=400)
        if buckets[name].versioning_status != "Enabled":
            text = "Destination bucket must have versioning enabled."
            raise AwsError("InvalidRequest", text, status=400)


@operation("s3", "PutBucketRequestPayment")
def set_payer(ctx: Context, params: Params) -> Output:
    """Who pays for downloads; moto takes the call for one about the bucket itself."""
    bucket = ctx.moto("s3").get_bucket(params["Bucket"])
    bucket.payer = params["RequestPaymentConfiguration"]["Payer"]
    return {}


@operation("s3", "GetBucketRequestPayment")
def payer(ctx: Context, params: Params) -> Output:
    """The owner, unless it was changed."""
    return {"Payer": getattr(ctx.moto("s3").get_bucket(params["Bucket"]), "payer", "BucketOwner")}


@before("s3", "PutBucketPolicy")
def principals_exist(ctx: Context, params: Params) -> None:
    """A bucket policy can only name principals that exist and that IAM has spread."""
    try:
        unknown = unacceptable_principal(ctx, params["Policy"])
    except ValueError as reason:
        text = "Policies must be valid JSON and the first byte must be '{'"
        raise AwsError("MalformedPolicy", text, status=400) from reason
    if unknown is not None:
        raise AwsError("MalformedPolicy", f"Invalid principal in policy: {unknown}", status=400)


def census(ctx: Context) -> list[dict[str, Any]]:
    """Every bucket, under its region."""
    s3 = ctx.moto("s3")
    return [
        {
            "kind": "s3/bucket",
            "id": name,
            "region": bucket.region_name,
            "tags": s3.tagger.get_tag_dict_for_resource(bucket.arn),
        }
        for name, bucket in s3.buckets.items()
    ]
