from django.contrib.auth.management.commands import changepassword

from accounts.management.audited_command import AuditedCommand


class Command(AuditedCommand, changepassword.Command):
    verb = "change password"
