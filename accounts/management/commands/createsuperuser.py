from django.contrib.auth.management.commands import createsuperuser

from accounts.management.audited_command import AuditedCommand


class Command(AuditedCommand, createsuperuser.Command):
    verb = "create superuser"
