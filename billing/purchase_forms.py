"""What somebody chose to buy, read from a form or an address."""

from uuid import UUID, uuid4

from django import forms

from billing.models import FREE, Interval, Pack, Plan
from billing.purchases import Offer


class PlanChoice(forms.Form):
    """A plan by the month or year. A form carries its own key: sent twice, it is one deed; an address carries none."""

    plan = forms.ModelChoiceField(Plan.objects.exclude(slug=FREE), to_field_name="slug")
    interval = forms.ChoiceField(choices=Interval.choices)
    form_key = forms.UUIDField(required=False)
    # The sums that stood on the page of a change: nobody pays others than they saw.
    seen = forms.CharField(required=False)

    @property
    def chosen(self) -> tuple[Plan, str]:
        """The plan and how often it is paid, once the form is valid."""
        return self.cleaned_data["plan"], self.cleaned_data["interval"]

    @property
    def offer(self) -> Offer:
        """What stood on the page of a change."""
        return Offer.read(self.cleaned_data["seen"])

    @property
    def key(self) -> UUID:
        """The form's key, or a new one."""
        return self.cleaned_data["form_key"] or uuid4()


class PackChoice(forms.Form):
    """A pack; the key is a plan's."""

    pack = forms.ModelChoiceField(Pack.objects.filter(is_offered=True), to_field_name="slug")
    form_key = forms.UUIDField(required=False)

    @property
    def chosen(self) -> Pack:
        """The pack, once the form is valid."""
        pack: Pack = self.cleaned_data["pack"]
        return pack

    @property
    def key(self) -> UUID:
        """The form's key, or a new one."""
        return self.cleaned_data["form_key"] or uuid4()
