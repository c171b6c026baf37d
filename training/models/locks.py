from __future__ import annotations

from django.apps import apps


def lock_project(project_id: int) -> None:
    """Hold the project's row until the transaction ends; the first lock of every action.

    Order for all of training: project, then run, then everything else. What numbers rows per
    project (runs, models, promotions) or moves the champion takes it. `no_key`, since every new
    item, prediction and review shares the row by its foreign key and must not wait for a release.
    SQLite has no row locks and needs none: its IMMEDIATE transactions have one writer at a time.
    """
    # By its label, as the foreign keys of this app do: training imports no model of annotations.
    projects = apps.get_model("annotations", "Project")._default_manager
    projects.select_for_update(no_key=True).values_list("pk").get(pk=project_id)
