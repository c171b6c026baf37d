from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from annotations.queries.learning import TaxonomyFacts
from reviewhub.common import audit, outbox
from reviewhub.common.actor import Actor
from training.actions.ensure_policies import ensure_policies
from training.actions.evaluate_candidate import Sitting
from training.actions.held_run import HeldRun
from training.actions.promote_model import promote_model
from training.domain import gate
from training.domain.exams import LeftOut, SetName, costs_of
from training.domain.gate_tests import SetResult
from training.errors import ChampionChanged
from training.models import GateDecision, GatePolicy, ModelVersion, Verdict, lock_project


def decide_gate(
    *,
    held: HeldRun,
    candidate: ModelVersion,
    champion: ModelVersion | None,
    sittings: Sequence[Sitting],
    left_out: LeftOut,
    taxonomy: TaxonomyFacts,
) -> GateDecision:
    """Record what the gate says of the candidate; promote it if the policy lets the gate do so.

    `left_out` counts what was judged and is not asked, for the verdict to say so.

    A champion that somebody changed meanwhile makes the verdict void for that: the candidate
    then waits for a lead, as it does under any verdict when promotion is not automatic. Locks
    the project, then the run.
    """
    with held.guarded(first=lambda: lock_project(held.run.project_id)):
        policy = ensure_policies(project_id=held.run.project_id, now=held.clock()).gate
        verdict = judge(
            sittings,
            left_out=left_out,
            candidate=candidate,
            champion=champion,
            taxonomy=taxonomy,
            policy=policy,
            seed=held.run.policy.seed,
        )
        decision = _record(
            held, candidate=candidate, champion=champion, policy=policy, verdict=verdict
        )
        decision.evaluation_sets.set([one.row for one in sittings])
        if decision.verdict == Verdict.PROMOTE and policy.automatic_promotion:
            _promote(held, candidate, decision, policy)
    return decision


def judge(
    sittings: Sequence[Sitting],
    *,
    left_out: LeftOut,
    candidate: ModelVersion,
    champion: ModelVersion | None,
    taxonomy: TaxonomyFacts,
    policy: GatePolicy,
    seed: int,
) -> gate.Verdict:
    """Hand the answers to the pure gate, as label indices."""
    keys = [label.key for label in taxonomy.labels]
    results = {one.exam.name: _result(one, keys, candidate, champion) for one in sittings}

    def asked(name: SetName) -> SetResult:
        nothing = SetResult(name, (), (), () if champion else None)
        return replace(results.get(name, nothing), learned=left_out.learned.get(name, 0))

    return gate.decide(
        target=replace(asked("target"), left_out=left_out.not_drawn),
        source=asked("source"),
        margins=gate.GateMargins.from_json(policy.margins),
        costs=costs_of(taxonomy),
        seed=seed,
    )


def _result(
    sitting: Sitting,
    keys: Sequence[str],
    candidate: ModelVersion,
    champion: ModelVersion | None,
) -> SetResult:
    def answers(model: ModelVersion) -> tuple[int, ...]:
        return tuple(keys.index(key) for key, _ in sitting.evaluations[model.pk].answers)

    return SetResult(
        name=sitting.exam.name,
        truth=tuple(keys.index(one.label_key) for one in sitting.exam.questions),
        challenger=answers(candidate),
        champion=answers(champion) if champion else None,
        odds=sitting.exam.odds,
    )


def _record(
    held: HeldRun,
    *,
    candidate: ModelVersion,
    champion: ModelVersion | None,
    policy: GatePolicy,
    verdict: gate.Verdict,
) -> GateDecision:
    now = held.clock()
    decision = GateDecision.objects.create(
        project_id=held.run.project_id,
        challenger=candidate,
        champion=champion,
        policy=policy,
        verdict=verdict.verdict,
        tests=[test.as_json() for test in verdict.tests],
        reasons=list(verdict.reasons),
        created_at=now,
    )
    facts = {
        "model": candidate.number,
        "champion": champion.number if champion else None,
        "verdict": verdict.verdict,
        "reasons": list(verdict.reasons),
    }
    audit.record(
        actor=_actor(policy),
        action="gate.decide",
        subject=decision,
        project_id=held.run.project_id,
        after=facts,
        now=now,
    )
    outbox.publish(project_id=held.run.project_id, type="gate.decided", data=facts, now=now)
    return decision


def _promote(
    held: HeldRun, candidate: ModelVersion, decision: GateDecision, policy: GatePolicy
) -> None:
    try:
        promote_model(
            project_id=held.run.project_id,
            model_version=candidate,
            actor=_actor(policy),
            reasons=[],
            decision=decision,
            now=held.clock(),
        )
    except ChampionChanged:
        return


def _actor(policy: GatePolicy) -> Actor:
    return Actor(kind="policy", id=policy.pk, name=f"gate policy {policy.number}")
