from core.ingest.readers.formats import (
    FORMATS,
    LOG_FORMATS,
    SUFFIXES,
    format_beginning,
    format_named,
)
from tests.docs.pages import text_of


def test_a_name_and_a_suffix_belong_to_one_format() -> None:
    names = [name for each in LOG_FORMATS for name in (each.name, *each.other_names)]
    suffixes = [suffix for each in LOG_FORMATS for suffix in each.suffixes]
    assert len(names) == len(set(names))
    assert sorted(suffixes) == sorted(SUFFIXES)
    assert all(suffix.startswith(".") and suffix.islower() for suffix in suffixes)


def test_a_format_goes_by_several_names() -> None:
    assert [format_named(name) for name in ("tsv", "ndjson", "json")] == ["csv", "jsonl", "jsonl"]
    assert {format_named(name) for name in FORMATS} == set(FORMATS)
    assert format_named("xlsx") is None


def test_the_first_bytes_tell_a_binary_format() -> None:
    assert format_beginning(b"PAR1\x15\x04") == "parquet"
    assert format_beginning(b"loan_id,score") is None


def test_every_format_is_documented() -> None:
    page = text_of("docs/ingest.md")
    for each in LOG_FORMATS:
        assert f"\n| {each.label} | " in page
        assert f"`{each.name}`" in page
