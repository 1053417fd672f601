"""Named configurations: objects that are a config with an id and an ETag.

Origin access controls and the three kinds of policies differ in nothing but names.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, moment, public
from lab.services.cloudfront.state import check_etag, listing, new_etag, new_id, shelf


@dataclass
class Catalog:
    """One kind. `name` as in `CreateCachePolicy`, `plural` as in `ListCachePolicies`."""

    name: str
    plural: str
    label: str
    users: Callable[[Context, str], bool]
    """Whether a distribution uses the id."""
    managed: dict[str, Record] = field(default_factory=dict)
    """Id → config of what AWS itself offers."""
    uuid: bool = True
    """Policies have UUIDs and a time of change, access controls have neither."""

    def own(self, ctx: Context) -> dict[str, Record]:
        """The account's own objects, by id."""
        return shelf(ctx, self.name)

    def exists(self, ctx: Context, identifier: str) -> bool:
        """Whether the id is known, managed or own."""
        return identifier in self.managed or identifier in self.own(ctx)

    def register(self) -> None:
        """Registers the six operations."""
        name = self.name
        operation("cloudfront", f"Create{name}")(self._create)
        operation("cloudfront", f"Get{name}")(self._get)
        operation("cloudfront", f"Get{name}Config")(self._get_config)
        operation("cloudfront", f"Update{name}")(self._update)
        operation("cloudfront", f"Delete{name}")(self._delete)
        operation("cloudfront", f"List{self.plural}")(self._list)

    @property
    def _config(self) -> str:
        return f"{self.name}Config"

    def _find(self, ctx: Context, identifier: str) -> Record:
        if identifier in self.own(ctx):
            return self.own(ctx)[identifier]
        if identifier in self.managed:
            return self._record(ctx, identifier, self.managed[identifier]) | {
                "_etag": "E23ZP02F085DFQ"
            }
        raise AwsError(f"NoSuch{self.name}", f"The specified {self.label} does not exist.")

    def _own(self, ctx: Context, identifier: str, code: str) -> Record:
        if identifier in self.managed:
            raise AwsError(code, f"A managed {self.label} cannot be changed.")
        return self._find(ctx, identifier)

    def _record(self, ctx: Context, identifier: str, config: Record) -> Record:
        record = {"Id": identifier, self._config: copy.deepcopy(config)}
        return record | ({"LastModifiedTime": moment(ctx)} if self.uuid else {})

    def _check_name(self, ctx: Context, config: Record, but: str = "") -> None:
        configs = {key: row[self._config] for key, row in self.own(ctx).items()} | self.managed
        if any(row["Name"] == config["Name"] for key, row in configs.items() if key != but):
            raise AwsError(
                f"{self.name}AlreadyExists",
                f"A {self.label} with this name already exists: {config['Name']}",
            )

    def _create(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        config = params[self._config]
        self._check_name(ctx, config)
        identifier = _uuid(new_id(ctx, "", 32).lower()) if self.uuid else new_id(ctx)
        record = self._record(ctx, identifier, config) | {"_etag": new_etag(ctx)}
        self.own(ctx)[identifier] = record
        path = self.label.replace(" ", "-")
        location = f"https://cloudfront.amazonaws.com/2020-05-31/{path}/{identifier}"
        return {self.name: public(record), "Location": location, "ETag": record["_etag"]}

    def _get(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        record = self._find(ctx, params["Id"])
        return {self.name: public(record), "ETag": record["_etag"]}

    def _get_config(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        record = self._find(ctx, params["Id"])
        return {self._config: copy.deepcopy(record[self._config]), "ETag": record["_etag"]}

    def _update(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        record = self._own(ctx, params["Id"], "IllegalUpdate")
        check_etag(record, params.get("IfMatch"))
        self._check_name(ctx, params[self._config], but=params["Id"])
        record |= self._record(ctx, params["Id"], params[self._config])
        record["_etag"] = new_etag(ctx)
        return {self.name: public(record), "ETag": record["_etag"]}

    def _delete(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        record = self._own(ctx, params["Id"], "IllegalDelete")
        check_etag(record, params.get("IfMatch"))
        if self.users(ctx, params["Id"]):
            raise AwsError(
                f"{self.name}InUse",
                f"Cannot delete the {self.label} because it is attached to one or more "
                "distributions.",
            )
        del self.own(ctx)[params["Id"]]
        return {}

    def _list(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        if not self.uuid:
            rows = [
                {"Id": row["Id"], "Description": ""} | row[self._config]
                for row in self.own(ctx).values()
            ]
            return {f"{self.name}List": listing(rows, params, full=True)}
        kind = params.get("Type")
        rows = [
            {"Type": each, self.name: public(self._find(ctx, identifier))}
            for each, ids in (("managed", self.managed), ("custom", self.own(ctx)))
            if kind in (None, each)
            for identifier in ids
        ]
        return {f"{self.name}List": listing(rows, params, full=False)}


def _uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"
