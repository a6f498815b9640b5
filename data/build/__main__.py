"""Build every set, the manifest and the tables of data/README.md."""

from data.build import (
    demand,
    employment,
    flights,
    loanapp,
    rates,
    repurchase,
    retail,
    retail_story,
    sba,
    story,
)
from data.build.common import DEMO, write_manifest
from data.build.readme import files_table, put_block, sources_table

SETS = {
    "sba-loan-default": (sba.build, sba.SOURCE, sba.MEMBER),
    "loanapp-fair-lending": (loanapp.build, loanapp.SOURCE, loanapp.MEMBER),
    "acs-employment": (
        employment.build,
        employment.SOURCE,
        employment.MEMBERS.format(part="{reference,analysis,analysis_target}"),
    ),
    "customer-repurchase": (repurchase.build, retail.SOURCE, retail.MEMBER),
    "sku-demand": (demand.build, retail.SOURCE, retail.MEMBER),
    "rates.csv": (rates.build, rates.SOURCE, rates.MEMBER),
}


def main() -> None:
    """Build all sets in place; a second run changes no byte."""
    for name, (build, _, _) in SETS.items():
        print(f"Building {name} …", flush=True)
        build(DEMO / name)
    print("Building flights …", flush=True)
    flights.build()
    manifest = write_manifest(DEMO)
    readme = DEMO.parent / "README.md"
    sources = {name: (source, inside) for name, (_, source, inside) in SETS.items()}
    put_block(readme, "sources", sources_table(sources))
    put_block(readme, "files", files_table(manifest))
    by_year, by_month = story.read()
    put_block(readme, "cohorts", story.cohort_table(by_year))
    put_block(readme, "drift", story.drift_table(by_month))
    shop = retail_story
    put_block(readme, "repurchase", shop.repurchase_table(shop.repurchase()))
    put_block(readme, "demand", shop.demand_table(shop.demand()))
    for name, entry in manifest.items():
        print(f"{entry['sha256']}  {entry['bytes']:>9,}  {name}")


if __name__ == "__main__":
    main()
