from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """Others cover these, or nearly all rows are empty; each answer wrote into all of them."""

    dependencies = [("annotations", "0014_names_of_items_by_their_bytes")]

    operations = [
        migrations.AlterField(
            model_name="annotation",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="annotations",
                to="annotations.item",
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assignments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="grid",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Judged among many on one screen.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews",
                to="annotations.grid",
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("grid__isnull", False)), fields=["grid"], name="review_in_grid"
            ),
        ),
        append_only_sql("annotations_review", except_columns=["effective"]),
        append_only_sql("annotations_annotation"),
    ]
