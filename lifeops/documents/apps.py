from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "lifeops.documents"
    label = "documents"
    verbose_name = "影像与文书"
