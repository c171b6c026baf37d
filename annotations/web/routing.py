"""The routing policy: read as sentences, changed, tried on what is on record, put in force."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from annotations.access import actor_of
from annotations.actions.request_simulation import request_simulation
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.domain.routing import Rules
from annotations.formats.changed_sides import as_csv
from annotations.models import Role
from annotations.queries.changed_sides import every_changed_side, simulation_of
from annotations.queries.policies import rules_in_force
from annotations.web.contexts.routing import routing_page
from annotations.web.door import MemberRequest, member, uuid_of
from annotations.web.routing_form import RulesForm
from reviewhub.common.errors import InvalidInput
from reviewhub.common.models import Job

PAGE = "annotations/routing.html"
FRAGMENT = "annotations/fragments/simulation.html"


@require_GET
@member(Role.LEAD)
def routing(request: MemberRequest) -> HttpResponseBase:
    """The rules in force; with `?job=` those that were tried there, and what came of it."""
    number, rules = rules_in_force(request.project)
    job = _asked_for(request)
    initial = RulesForm.initial_of(rules)
    if job is not None:
        initial = RulesForm.initial_of(Rules.from_json(job.params["rules"]), job.params["days"])
    form = RulesForm(initial=initial, base=rules, kind=request.project.kind)
    page = routing_page(request.project, number=number, form=form, job=job)
    return render(request, FRAGMENT if request.htmx else PAGE, {"page": page})


@require_POST
@member(Role.LEAD)
def simulate(request: MemberRequest) -> HttpResponseBase:
    form, rules = _sent(request)
    if rules is not None:
        try:
            job = request_simulation(
                project=request.project,
                rules=rules,
                days=form.cleaned_data["days"],
                actor=actor_of(request.user),
                now=request.now,
            )
        except InvalidInput as error:
            form.blame(error)
        else:
            return redirect(f"{_here(request)}?job={job.uid}#simulation")
    return _refused(request, form)


@require_POST
@member(Role.LEAD)
def save(request: MemberRequest) -> HttpResponseBase:
    form, rules = _sent(request)
    if rules is not None:
        try:
            policy = revise_routing_policy(
                project=request.project,
                rules=rules,
                actor=actor_of(request.user),
                now=request.now,
            )
        except InvalidInput as error:
            form.blame(error)
        else:
            messages.success(request, f"Routing policy {policy.number} is in force.")
            return redirect(_here(request))
    return _refused(request, form)


@require_GET
@member(Role.LEAD)
def changes(request: MemberRequest) -> HttpResponseBase:
    """Every item that the simulation `?job=` found to change sides, as a table to keep."""
    job = simulation_of(request.project.pk, uuid_of(request.GET.get("job", ""), "job"))
    lines = as_csv(every_changed_side(job))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="changes-{job.uid}.csv"'
    return response


def _asked_for(request: MemberRequest) -> Job | None:
    if "job" not in request.GET:
        return None
    return simulation_of(request.project.pk, uuid_of(request.GET["job"], "job"))


def _sent(request: MemberRequest) -> tuple[RulesForm, Rules | None]:
    _, base = rules_in_force(request.project)
    form = RulesForm(request.POST, base=base, kind=request.project.kind)
    return form, form.to_rules()


def _refused(request: MemberRequest, form: RulesForm) -> HttpResponseBase:
    number, _ = rules_in_force(request.project)
    page = routing_page(request.project, number=number, form=form, job=None)
    return render(request, PAGE, {"page": page}, status=422)


def _here(request: MemberRequest) -> str:
    return reverse("annotations:routing", args=[request.project.slug])
