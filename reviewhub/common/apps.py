from importlib import import_module

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "reviewhub.common"
    label = "common"
    verbose_name = "Records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("reviewhub.common.receivers")
        # By name, as settings name the URLs: whoever wakes a task needs our Celery application to
        # be the current one, else its messages go to Celery's default broker, where nobody reads.
        import_module("reviewhub.celery")
