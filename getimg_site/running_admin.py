"""How the place runs, to look at: the supervisors of all hosts, and the backups."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.read_only_admin import ReadOnlyAdmin
from getimg_site.models import Backup, ClusterReport


@admin.register(ClusterReport)
class ClusterReportAdmin(ReadOnlyAdmin):
    """What the supervisor of each queue cluster said last; one that was told to stop is not there any more."""

    list_display = ("cluster", "host", "told_at", "is_busy", "restarts", "memory", "disk_free", "folder")
    list_filter = ("cluster",)
    search_fields = ("host",)
    ordering = ("cluster", "host", "folder")
    fields = readonly_fields = list_display

    @admin.display(description=_("memory"), ordering="memory_bytes")
    def memory(self, report: ClusterReport) -> str:
        return filesizeformat(report.memory_bytes)

    @admin.display(description=_("free on its disk"), ordering="disk_free_bytes")
    def disk_free(self, report: ClusterReport) -> str:
        return filesizeformat(report.disk_free_bytes)


@admin.register(Backup)
class BackupAdmin(ReadOnlyAdmin):
    """Backups that were taken, and those of the operator's own tools that were noted, without a size."""

    list_display = ("ended_at", "size")
    fields = readonly_fields = list_display

    @admin.display(description=_("size"), ordering="size_bytes")
    def size(self, backup: Backup) -> str:
        return filesizeformat(backup.size_bytes) if backup.size_bytes else "—"
