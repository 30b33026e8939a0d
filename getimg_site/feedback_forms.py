"""Forms by which people tell the operators something."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from getimg_site.models import BugReport, Wish


class WishForm(forms.ModelForm[Wish]):
    """A wish: what it is in a line, and why."""

    class Meta:
        model = Wish
        fields = ["title", "text"]
        labels = {
            "title": gettext_lazy("What would you like to do?"),
            "text": gettext_lazy("Why, and how do you manage now?"),
        }

    def clean_title(self) -> str:
        """Take blanks away at both ends; several in a row are one."""
        title = " ".join(str(self.cleaned_data["title"]).split())
        if len(title) < 8:
            raise ValidationError(gettext("Say it in at least 8 characters."))
        return title


class BugReportForm(forms.ModelForm[BugReport]):
    """A report; its files are read by the view. Who is not signed in leaves an address to answer to."""

    # Nobody sees it: only programs write into it. No browser fills in a field of this name by itself.
    leave_empty = forms.CharField(required=False)

    class Meta:
        model = BugReport
        fields = ["text", "page"]
        labels = {"page": gettext_lazy("The page’s address, where it was one")}

    def __init__(self, *args: Any, asks_for_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_for_email:
            self.fields["email"] = forms.EmailField(max_length=254, label=gettext_lazy("Your email address"))
        else:
            del self.fields["leave_empty"]

    def clean_leave_empty(self) -> None:
        """Refuse what a program filled in, in words: should it have been a browser, its person can send it again."""
        if self.cleaned_data["leave_empty"]:
            self.add_error(
                None, gettext("A field that nobody sees was filled in, as programs do. Please send it again.")
            )

    def clean_text(self) -> str:
        """Ask for more than a word."""
        text = str(self.cleaned_data["text"]).strip()
        if len(text) < 10:
            raise ValidationError(
                gettext("Say what you did, what happened and what you expected, in at least 10 characters.")
            )
        return text
