"""The parts that pages are made of; ``app/README.md`` shows them in use."""

from app.components.cards import Layer, ModelCard, model_card
from app.components.chart import show_chart
from app.components.download import download_link
from app.components.facts import facts, layer_line
from app.components.file_offer import FileOffer, Prepared, offer_files, publish_csv
from app.components.footer import Definition, Export, footer
from app.components.header import page_header, section, sentence, subsection
from app.components.job_progress import follow_job
from app.components.kpi import Kpi, kpi_row
from app.components.kpi_card import Course, KpiCard, kpi_cards
from app.components.language_choice import choose_language
from app.components.one_time import keep_secret, show_secret
from app.components.saying import say
from app.components.states import (
    empty,
    failed,
    forbidden,
    new_data,
    no_model,
    not_enough_reference,
    note,
    signed_out,
    skeleton,
    stale,
    unknown_model,
)
from app.components.status import STATUS_WORDS, show_status, status_badge, status_text
from app.components.step_up import attempt, attempt_and_rerun
from app.components.table import Column, Judged, Link, ranked_table, static_table
from app.components.text import escape, plain

__all__ = [
    "STATUS_WORDS",
    "Column",
    "Course",
    "Definition",
    "Export",
    "FileOffer",
    "Judged",
    "Kpi",
    "KpiCard",
    "Layer",
    "Link",
    "ModelCard",
    "Prepared",
    "attempt",
    "attempt_and_rerun",
    "choose_language",
    "download_link",
    "empty",
    "escape",
    "facts",
    "failed",
    "follow_job",
    "footer",
    "forbidden",
    "keep_secret",
    "kpi_cards",
    "kpi_row",
    "layer_line",
    "model_card",
    "new_data",
    "no_model",
    "not_enough_reference",
    "note",
    "offer_files",
    "page_header",
    "plain",
    "publish_csv",
    "ranked_table",
    "say",
    "section",
    "sentence",
    "show_chart",
    "show_secret",
    "show_status",
    "signed_out",
    "skeleton",
    "stale",
    "static_table",
    "status_badge",
    "status_text",
    "subsection",
    "unknown_model",
]
