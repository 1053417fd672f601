"""docs/chaos.md, from the file of results."""

from __future__ import annotations

from collections import Counter

from chaos.results import Record, Results, table
from harness.lab import ROOT

PAGE = ROOT / "docs" / "chaos.md"
BEFORE = """# Chaos

Made by `make chaos`. The minimum platform ([examples/minimum](../examples/minimum)) is created, changed in place
(`grow.tfvars`) and destroyed on the [lab](guides/lab.md), and interrupted at every call that changes something:

| fault | what happens at the call |
|---|---|
| `kill-before` | the provider is killed (SIGKILL) before AWS has carried it out |
| `kill-after` | the provider is killed after AWS has carried it out, before the answer |
| `lost-response` | AWS has carried it out, but the connection breaks instead of the answer |
| `kill-all` | Terraform is killed together with the provider, after AWS has carried it out; in samples |

Then **the same command is run again, at once, at most twice**. A point has passed when that ends with exit code 0, the
next plan is empty, and the account holds exactly what it holds after a run that nothing disturbed: nothing left over,
nothing made twice, and every object that existed before still the same one. After a destroy the account is empty. After
every fourth point of create and update a destroy is tried, too, and must leave nothing.

A call is counted by its name, since the order among different calls differs from run to run:
`create/ec2.CreateSubnet.3/kill-after` is the third CreateSubnet of a create.

"""
AFTER = """
## Repeat it

```console
$ make chaos                                             # goes on where it stopped; FRESH=1 begins anew
$ make chaos SAMPLE=40                                   # evenly spread over the calls; 36 by make test-chaos
$ make chaos POINT=create/ec2.CreateSubnet.3/kill-after  # one point, with the destroy
$ make chaos CLI=tofu JOBS=2
```

The exit code is 1 when a point did not pass; each is named with what is wrong and how to run it again. The results are
in `target/chaos/results.jsonl`, a line for each point. `PYTHONPATH=tests .venv/bin/python -m chaos --write` makes this
page of them.
"""


def write(results: Results, size: int) -> None:
    """Writes the page; `size` is the number of points of the whole sweep."""
    records = [results.records[point] for point in sorted(results.records)]
    PAGE.write_text(BEFORE + "\n".join(_result(results, records, size)) + AFTER)


def _result(results: Results, records: list[Record], size: int) -> list[str]:
    commits = Counter(each.commit for each in records)
    days = sorted({each.date for each in records})
    span = " to ".join(dict.fromkeys([days[0], days[-1]])) if days else "never"
    failed = [each for each in records if not each.passed]
    lines = [
        "## The last sweep",
        "",
        f"{len(records)} points were tried, of {size} of the whole sweep and `kill-all`; {len(records) - len(failed)} passed "
        f"({span}, {results.cli}, debug build, at commit "
        + ", ".join(f"{commit}: {count}" for commit, count in commits.most_common())
        + ").",
        "",
        *table(records),
    ]
    if failed:
        lines += ["", "What did not pass:", ""]
        lines += [f"- `{each.point}`: {each.why[0].splitlines()[0]}" for each in failed]
    return [*lines, ""]
