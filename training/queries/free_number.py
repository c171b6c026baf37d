from __future__ import annotations

from itertools import count

from django.db.models import Max

from annotations.queries.predictor_versions import predictor_versions
from training.models import ModelVersion


def free_number(*, project_id: int, name: str) -> int:
    """The number of the next model: after the last, and no version that `name` has in traffic.

    A client may have sent predictions under the project's name before that was refused; a model of
    the same version would inherit them. Two queries.
    """
    models = ModelVersion.objects.filter(project_id=project_id)
    last = models.aggregate(last=Max("number"))["last"] or 0
    taken = predictor_versions(project_id, name)
    return next(number for number in count(last + 1) if str(number) not in taken)
