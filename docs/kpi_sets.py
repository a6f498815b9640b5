"""The generated parts of the pages on ready-made KPIs: ``docs/kpis``."""

from core.contract.kpi_sets import KpiSet, kpi_set, kpi_set_names
from core.contract.kpis import Kpi

_DIRECTIONS = {
    "higher_is_better": "higher",
    "lower_is_better": "lower",
    "neutral": "neither",
}
_ROWS = {
    "none": "all, at once",
    "outcome": "matured, with a final outcome",
}


def index_table() -> str:
    """Return each set with its KPIs."""
    lines = ["| `kpi_set` | sector | KPIs |", "|---|---|---|"]
    for name in kpi_set_names():
        found = kpi_set(name)
        kpis = ", ".join(kpi.name.en.lower() for kpi in found.kpis if kpi.name is not None)
        lines.append(f"| [`{name}`]({name}.md) | {found.name.en} | {kpis} |")
    return "\n".join(lines)


def set_tables(name: str) -> str:
    """Return a set's KPIs, definitions, parameters and the columns that it reads."""
    found = kpi_set(name)
    parts = (_kpis(found), _definitions(found), _parameters(found), _columns(found))
    return "\n\n".join(filter(None, parts))


def _kpis(found: KpiSet) -> str:
    lines = ["| KPI | formula | unit | better | rows |", "|---|---|---|---|---|"]
    lines += [_kpi_row(kpi) for kpi in found.kpis]
    return "\n".join(lines)


def _kpi_row(kpi: Kpi) -> str:
    rows = _ROWS.get(kpi.maturity, f"at least {kpi.maturity} old")
    better = _DIRECTIONS[kpi.direction]
    return f"| `{kpi.id}` | `{kpi.definition}` | {kpi.unit} | {better} | {rows} |"


def _definitions(found: KpiSet) -> str:
    lines = ["| definition | as it comes | what it must be |", "|---|---|---|"]
    lines += [
        f"| `{name}` | `{text}` | {found.needs[name].en} |"
        for name, text in found.definitions.items()
    ]
    return "\n".join(lines)


def _parameters(found: KpiSet) -> str:
    if not found.parameters:
        return ""
    lines = ["| parameter | value | what it is |", "|---|---|---|"]
    for name, each in found.parameters.items():
        said = [each.label.en if each.label else "", each.note.rstrip(".")]
        said += ["simulated"] if each.simulated else []
        lines.append(f"| `{name}` | {each.value:g} | {'. '.join(filter(None, said))} |")
    return "\n".join(lines)


def _columns(found: KpiSet) -> str:
    known = {*found.definitions, *found.parameters}
    lines = ["| column it reads | what it must be |", "|---|---|"]
    lines += [
        f"| `{name}` | {need.en} |" for name, need in found.needs.items() if name not in known
    ]
    return "\n".join(lines)
