from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from annotations.queries.admission import Project
from reviewhub.common.pages import Badge, Confirm, Fact, Link
from training.queries.model_report import ModelReport, model_report
from training.queries.models_page import ModelRow, models_page
from training.queries.promotions import ChampionChange, promotions_of
from training.web.contexts.examples import Gallery, galleries_of
from training.web.contexts.gate import Gate, gate_of, rival_of
from training.web.contexts.measured import MeasuredLine, measured
from training.web.contexts.runs import Named
from training.web.words import figure_text, role_badge, verdict_badge


@dataclass(frozen=True)
class Figure:
    value: str
    note: str


@dataclass(frozen=True)
class ModelLine:
    name: str
    url: str
    role: Badge
    verdict: Badge | None
    figures: Sequence[Figure]
    created_at: datetime
    run: Named


@dataclass(frozen=True)
class PromotionLine:
    at: datetime
    title: str
    actor: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class ModelsContext:
    rows: Sequence[ModelLine]
    heads: Sequence[str]
    promotions: Sequence[PromotionLine]
    actions: Sequence[Confirm]
    title: str = "Models"
    lede: str = "One champion answers for the project; every change of champion has its reasons."
    empty_text: str = "A model appears when a training run has ended."


@dataclass(frozen=True)
class File:
    name: str
    url: str
    note: str


@dataclass(frozen=True)
class ModelContext:
    title: str
    crumbs: Sequence[Link]
    badge: Badge
    actions: Sequence[Confirm]
    sentence: str
    gate: Gate | None
    facts: Sequence[Fact]
    files: Sequence[File]
    measured: Sequence[MeasuredLine]
    galleries: Sequence[Gallery]


def models_context(*, project_id: int, slug: str) -> ModelsContext:
    page = models_page(project_id)
    promotions = promotions_of(project_id)
    return ModelsContext(
        rows=[_line(row, slug) for row in page.rows],
        heads=["Learned from", "Size"],
        promotions=[
            PromotionLine(
                one.at, f"{one.kind_label} of v{one.model_number}", one.actor, one.reasons
            )
            for one in promotions
        ],
        actions=[_roll_back(slug, promotions[0])] if _can_roll_back(promotions) else [],
    )


def model_context(project: Project, number: int) -> ModelContext:
    """A model, what the gate said of it, and the items on which it differs from its rival."""
    report = model_report(project.pk, number)
    slug = project.slug
    return ModelContext(
        title=f"Model v{number}",
        crumbs=[Link("Models", reverse("training:models", args=[slug]))],
        badge=role_badge(report.row.role),
        actions=[_promote(report, slug)] if report.can_be_promoted else [],
        sentence=report.sentence,
        gate=gate_of(report, report.decision) if report.decision else None,
        facts=_facts(report, slug),
        files=[
            File(
                "model.onnx",
                reverse("training:api-model-file", args=[slug, number]),
                f"{report.row.onnx_bytes / 1e6:.1f} MB, SHA-256 {report.row.onnx_sha256[:16]}…",
            )
        ],
        measured=measured(report.evaluations, challenger=f"v{number}", champion=rival_of(report)),
        galleries=galleries_of(project, number),
    )


def _line(row: ModelRow, slug: str) -> ModelLine:
    return ModelLine(
        name=f"v{row.number}",
        url=reverse("training:model", args=[slug, row.number]),
        role=role_badge(row.role),
        verdict=verdict_badge(row.verdict) if row.verdict else None,
        figures=[
            Figure(f"{row.learned_from:,}", "items"),
            Figure(f"{row.onnx_bytes / 1e6:.1f}", "MB"),
        ],
        created_at=row.created_at,
        run=Named(f"Run {row.run_number}", reverse("training:run", args=[slug, row.run_number])),
    )


def _facts(report: ModelReport, slug: str) -> list[Fact]:
    row = report.row
    facts = [
        Fact(
            "Made by",
            f"Run {row.run_number}",
            reverse("training:run", args=[slug, row.run_number]),
        ),
        Fact("Data set", report.snapshot_digest[:12]),
        *(
            Fact(name.replace("_", " ").capitalize(), figure_text(value))
            for name, value in report.snapshot_counts.items()
        ),
    ]
    temperature = report.card.get("temperature")
    if isinstance(temperature, float):
        facts.append(Fact("Temperature", f"{temperature:.3f}"))
    return facts


def _promote(report: ModelReport, slug: str) -> Confirm:
    number = report.row.number
    why = (
        "The gate did not recommend it, so your reason is recorded." if report.needs_reason else ""
    )
    return Confirm(
        id="promote",
        opener=f"Promote v{number}",
        title=f"Promote v{number}?",
        text=f"Clients are told at once and switch to it. {why}",
        action=reverse("training:promote_model", args=[slug, number]),
        label=f"Promote v{number}",
        ask_reason=report.needs_reason,
    )


def _can_roll_back(promotions: Sequence[ChampionChange]) -> bool:
    return bool(promotions) and promotions[0].previous_number is not None


def _roll_back(slug: str, last: ChampionChange) -> Confirm:
    return Confirm(
        id="roll-back",
        opener=f"Roll back to v{last.previous_number}",
        title=f"Make v{last.previous_number} champion again?",
        text=f"Clients are told at once and switch to it. v{last.model_number} is kept.",
        action=reverse("training:roll_back", args=[slug]),
        label="Roll back",
        kind="danger",
        ask_reason=True,
        fields=(("champion", str(last.model_number)),),
    )
