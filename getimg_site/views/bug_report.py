"""Report a bug: words, the page's address, pictures."""

from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, signed_in
from generation.errors import PictureRefused
from getimg_site import bug_reports
from getimg_site.feedback_forms import BugReportForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def bug_report(request: SignedInRequest) -> HttpResponseBase:
    """Show the form and keep what is sent."""
    form = BugReportForm(request.POST or None, initial={"page": request.GET.get("page", "")})
    if request.method == "POST" and form.is_valid() and _is_kept(request, form):
        messages.success(request, gettext("Thank you. We have your report and answer by mail."))
        return redirect("bug_report")
    context = {"form": form, "pictures_max": bug_reports.PICTURES_MAX, "discord_url": settings.DISCORD_URL}
    context |= {"support_email": settings.SUPPORT_EMAIL, "limit_mb": settings.INPUT_IMAGE_MAX_BYTES // 1_000_000}
    return render(request, "getimg_site/bug_report.html", context, status=422 if form.errors else 200)


def _is_kept(request: SignedInRequest, form: BugReportForm) -> bool:
    files = request.FILES.getlist("pictures")
    report = form.save(commit=False)
    report.author, report.browser = request.user, request.headers.get("User-Agent", "")[:300]
    try:
        if len(files) > bug_reports.PICTURES_MAX:
            raise PictureRefused(
                "too_many",
                gettext("%(count)s pictures were chosen; at most %(pictures_max)s.")
                % {"count": len(files), "pictures_max": bug_reports.PICTURES_MAX},
            )
        for file in files:
            if (file.size or 0) > settings.INPUT_IMAGE_MAX_BYTES:
                limit = settings.INPUT_IMAGE_MAX_BYTES // 1_000_000
                raise PictureRefused(
                    "file_too_large",
                    gettext("“%(name)s” is too large: %(limit)s MB are the most.")
                    % {"name": file.name, "limit": limit},
                )
        bug_reports.keep(report, [file.read() for file in files])
    except PictureRefused as error:
        form.add_error(None, str(error))
        return False
    return True
