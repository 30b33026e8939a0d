"""What is for sale, and who was on which plan. Plans and packs are edited here; their prices then go to the shop."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.read_only_admin import ReadOnlyAdmin
from billing import plans
from billing.errors import PaymentError
from billing.forms import PackForm, PlanForm
from billing.models import Pack, Plan, PlanSpell
from billing.money import amount

NOTE = _(
    "Amounts are in cents. A changed price is sent to the shop with the next sale, or at once by <em>Send every price"
    " to the shop</em> in the list (or <code>manage.py sync_plans</code>). Who has a plan keeps the price they bought."
)


class SaleAdmin(admin.ModelAdmin[Any]):
    """Something for sale: added and edited, never deleted, for payments name it; withdrawn by not offering it."""

    actions = ("send_prices",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the slug: the shop's prices and every payment are known by it."""
        prices = tuple(field.name for field in self.opts.get_fields() if field.name.endswith("price_id"))
        return prices if obj is None else ("slug", *prices)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Forget the shop's price where it was changed: what is still paid at it is an older price, and stays good."""
        obj.forget_prices(form.changed_data)
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Send every price to the shop"), permissions=["change"])
    def send_prices(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Make the shop sell what is offered here, whatever was chosen in the list."""
        try:
            plans.sync()
        except PaymentError as error:
            self.message_user(
                request, gettext("The shop did not take the prices: %(error)s") % {"error": error}, messages.ERROR
            )
        else:
            self.message_user(request, gettext("The shop sells at these prices from now on."), messages.SUCCESS)


@admin.register(Plan)
class PlanAdmin(SaleAdmin):
    """Plans. The free one is everybody's who pays for none."""

    form = PlanForm
    list_display = ("name", "slug", "monthly_credits", "by_month", "by_year", "jobs_at_once", "is_offered", "at_shop")
    fieldsets = (
        (None, {"fields": ("slug", "name", ("position", "is_offered"))}),
        (_("Price"), {"fields": (("month_cents", "year_cents", "currency"),), "description": NOTE}),
        (
            _("What it brings"),
            {"fields": ("monthly_credits", "jobs_at_once", "models_stored", "is_commercial")},
        ),
        (_("Pictures"), {"fields": ("retention_days", "kept_days_after")}),
        (_("At the shop"), {"fields": ("month_price_id", "year_price_id")}),
    )

    @admin.display(description=_("by the month"), ordering="month_cents")
    def by_month(self, plan: Plan) -> str:
        return amount(plan.month_cents, plan.currency)

    @admin.display(description=_("by the year"), ordering="year_cents")
    def by_year(self, plan: Plan) -> str:
        return amount(plan.year_cents, plan.currency)

    @admin.display(description=_("at the shop"), boolean=True)
    def at_shop(self, plan: Plan) -> bool:
        return plan.is_free or bool(plan.month_price_id and plan.year_price_id)


@admin.register(Pack)
class PackAdmin(SaleAdmin):
    """Packs, of the site and of the API."""

    form = PackForm
    list_display = ("name", "slug", "product", "credits", "price", "needs_plan", "is_offered", "at_shop")
    list_filter = ("product", "is_offered")
    fieldsets = (
        (None, {"fields": ("slug", "name", "product", ("position", "is_offered"))}),
        (_("Price"), {"fields": (("price_cents", "currency"),), "description": NOTE}),
        (_("What it brings"), {"fields": ("credits", "lasts_days", "needs_plan")}),
        (_("At the shop"), {"fields": ("price_id",)}),
    )

    @admin.display(description=_("price"), ordering="price_cents")
    def price(self, pack: Pack) -> str:
        return amount(pack.price_cents, pack.currency)

    @admin.display(description=_("at the shop"), boolean=True)
    def at_shop(self, pack: Pack) -> bool:
        return bool(pack.price_id)


@admin.register(PlanSpell)
class PlanSpellAdmin(ReadOnlyAdmin):
    """Who was on which plan, from when to when."""

    list_display = ("person", "plan", "starts_at", "ends_at")
    list_filter = ("plan", ("ends_at", admin.EmptyFieldListFilter), ("starts_at", admin.DateFieldListFilter))
    list_select_related = ("wallet__user", "plan")
    search_fields = ("wallet__user__email", "wallet__id__exact")

    @admin.display(description=_("person"), ordering="wallet__user__email")
    def person(self, spell: PlanSpell) -> str:
        return spell.wallet.user.email
