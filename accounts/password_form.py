"""The form for another password, its fields named as all others are. A module of its own, as `email_form` is."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthForm
from django.utils.translation import gettext_lazy


class ChangePasswordForm(AllauthForm):
    """The present password, and twice the new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = gettext_lazy("Current password")
        self.fields["password1"].label = gettext_lazy("New password")
        self.fields["password2"].label = gettext_lazy("New password (again)")
