"""RDS parameter groups, of instances and of clusters: families, static and dynamic parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, public
from lab.services.rds.engines import FAMILIES
from lab.services.rds.parameter_tables import Parameter, check_value, find, row, table
from lab.services.rds.state import Shelf, arn, page, request_tags

# ModifyDBParameterGroup takes no more parameters in one call.
MOST = 20


@dataclass(frozen=True)
class Groups:
    """The groups of one kind. `word` is what their operations and members are named after."""

    word: str
    arn_kind: str
    cluster: bool

    @property
    def name(self) -> str:
        """The member that carries a group's name."""
        return f"{self.word}Name"

    def families(self) -> list[str]:
        """Families that groups of this kind exist for."""
        return [name for name, engine in FAMILIES.items() if engine.aurora or not self.cluster]

    def records(self, ctx: Context) -> dict[str, Record]:
        """The user's groups by name."""
        shelf = Shelf(ctx)
        return shelf.cluster_parameter_groups if self.cluster else shelf.parameter_groups

    def find(self, ctx: Context, name: str) -> Record:
        """A group of the user's or a default one, or DBParameterGroupNotFound."""
        name = name.lower()
        if self.is_default(name):
            family = name.removeprefix("default.")
            return self._record(ctx, name, family, f"Default parameter group for {family}", [])
        if name not in self.records(ctx):
            raise AwsError("DBParameterGroupNotFound", f"{self.word} not found: {name}")
        return self.records(ctx)[name]

    def is_default(self, name: str) -> bool:
        """Whether RDS itself keeps the group."""
        return name in {f"default.{family}" for family in self.families()}

    def table(self, group: Record) -> dict[str, Parameter]:
        """The parameters of a group's family."""
        return table(FAMILIES[group["DBParameterGroupFamily"]], cluster=self.cluster)

    def create(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        """Names fold to lower case; the family must exist."""
        name, family = params[self.name].lower(), params["DBParameterGroupFamily"]
        if name in self.records(ctx) or self.is_default(name):
            raise AwsError(
                "DBParameterGroupAlreadyExists", f"Parameter group {name} already exists"
            )
        if family not in self.families():
            raise AwsError(
                "InvalidParameterValue",
                f"ParameterGroupFamily {family} is not a valid parameter group family",
            )
        tags = request_tags(params, self.arn_kind)
        record = self._record(ctx, name, family, params["Description"], tags)
        self.records(ctx)[name] = record
        return {self.word: public(record)}

    def describe(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        """One by name, or all, with the default groups of every family."""
        if name := params.get(self.name):
            rows = [self.find(ctx, name)]
        else:
            defaults = [self.find(ctx, f"default.{family}") for family in self.families()]
            rows = [*self.records(ctx).values(), *defaults]
        return page(rows, params, f"{self.word}s")

    def modify(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        """All or nothing; a static parameter takes only `pending-reboot`."""
        group = self._own(ctx, params[self.name])
        known, rows = self.table(group), params["Parameters"]
        if len(rows) > MOST:
            raise AwsError(
                "InvalidParameterValue", f"Cannot modify more than {MOST} parameters in one request"
            )
        for given in rows:
            parameter = find(known, given["ParameterName"])
            check_value(parameter, given["ParameterValue"])
            if parameter.kind == "static" and given.get("ApplyMethod") == "immediate":
                raise AwsError(
                    "InvalidParameterCombination",
                    "cannot use immediate apply method for static parameter",
                )
        for given in rows:
            name, method = given["ParameterName"], given.get("ApplyMethod", "immediate")
            group["_values"][name] = (given["ParameterValue"], method)
            self._touch(ctx, group, known[name], method)
        return {self.name: group[self.name]}

    def reset(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        """Back to the family's defaults, all or some."""
        group = self._own(ctx, params[self.name])
        known = self.table(group)
        if params.get("ResetAllParameters"):
            names = list(group["_values"])
        else:
            names = [find(known, row["ParameterName"]).name for row in params.get("Parameters", [])]
        for name in names:
            group["_values"].pop(name, None)
            self._touch(ctx, group, known[name], "immediate")
        return {self.name: group[self.name]}

    def describe_parameters(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        """All parameters of the family; `Source` = user, system or engine-default filters."""
        group = self.find(ctx, params[self.name])
        rows = [
            row(parameter, *group["_values"].get(parameter.name, (None, None)))
            for parameter in self.table(group).values()
        ]
        source = params.get("Source")
        return page([r for r in rows if source in (None, r["Source"])], params, "Parameters")

    def describe_defaults(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        """The defaults of one family."""
        family = params["DBParameterGroupFamily"]
        if family not in self.families():
            raise AwsError("InvalidParameterValue", f"Invalid parameter group family: {family}")
        known = table(FAMILIES[family], cluster=self.cluster)
        rows = page([row(p, None, None) for p in known.values()], params, "Parameters")
        return {"EngineDefaults": {"DBParameterGroupFamily": family} | rows}

    def delete(self, ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
        """Refused while a database uses it, even one that is being deleted."""
        name = self._own(ctx, params[self.name])[self.name]
        if any(self._memberships(ctx, name)):
            raise AwsError(
                "InvalidDBParameterGroupState",
                "One or more database instances are still members of this parameter group "
                f"{name}, so the group cannot be deleted",
            )
        del self.records(ctx)[name]
        return {}

    def _own(self, ctx: Context, name: str) -> Record:
        if self.is_default(name.lower()):
            raise AwsError(
                "InvalidDBParameterGroupState",
                "Default parameter groups cannot be modified or deleted.",
            )
        return self.find(ctx, name)

    def _touch(self, ctx: Context, group: Record, parameter: Parameter, method: str) -> None:
        """A static change, or one asked for so, waits for the reboot of every instance."""
        if parameter.kind == "static" or method == "pending-reboot":
            for row, member in self._memberships(ctx, group[self.name]):
                row[member] = "pending-reboot"

    def _memberships(self, ctx: Context, name: str) -> Iterator[tuple[Record, str]]:
        """Who uses a group: the row that says so, and its member that tells the status."""
        shelf = Shelf(ctx)
        if not self.cluster:
            for instance in shelf.instances.values():
                for row in instance["DBParameterGroups"]:
                    if row[self.name] == name:
                        yield row, "ParameterApplyStatus"
            return
        for cluster in shelf.clusters.values():
            if cluster["DBClusterParameterGroup"] == name:
                # The cluster itself uses the group even without instances.
                yield {}, "status"
                for row in cluster["DBClusterMembers"]:
                    yield row, "DBClusterParameterGroupStatus"

    def _record(self, ctx: Context, name: str, family: str, text: str, tags: list) -> Record:
        return {
            self.name: name,
            "DBParameterGroupFamily": family,
            "Description": text,
            f"{self.word}Arn": arn(ctx, self.arn_kind, name),
            "TagList": tags,
            "_values": {},
        }

    def register(self) -> None:
        """Registers the operations of this kind."""
        scope = "Cluster" if self.cluster else ""
        for name, run in {
            f"Create{self.word}": self.create,
            f"Describe{self.word}s": self.describe,
            f"Modify{self.word}": self.modify,
            f"Reset{self.word}": self.reset,
            f"DescribeDB{scope}Parameters": self.describe_parameters,
            f"DescribeEngineDefault{scope}Parameters": self.describe_defaults,
            f"Delete{self.word}": self.delete,
        }.items():
            operation("rds", name)(run)


OF_INSTANCES = Groups("DBParameterGroup", "pg", cluster=False)
OF_CLUSTERS = Groups("DBClusterParameterGroup", "cluster-pg", cluster=True)
OF_INSTANCES.register()
OF_CLUSTERS.register()


def parameter_group(ctx: Context, name: str) -> Record:
    """An instance's group, the user's or a default one, or DBParameterGroupNotFound."""
    return OF_INSTANCES.find(ctx, name)
