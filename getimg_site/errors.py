"""What can go wrong in running the site."""


class BackupFailed(Exception):
    """A backup could not be taken or brought back; its words say why, for the operator."""
