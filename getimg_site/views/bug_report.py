"""Report a bug: words, the page's address, files, and of who is not signed in an address to answer to."""

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.models import User
from getimg_site import attachments, bug_reports
from getimg_site.attachments import Attachment, AttachmentRefused
from getimg_site.feedback_forms import BugReportForm

# What a form says around its files.
_AROUND_BYTES = 64 * 1024


@csrf_exempt  # the token is asked for below: looking for it reads the body, whose length must be known before
@require_http_methods(["GET", "HEAD", "POST"])
def bug_report(request: HttpRequest) -> HttpResponseBase:
    """Show the form and keep what is sent."""
    length = int(request.headers.get("Content-Length") or 0)
    if length > attachments.TOTAL_MAX_BYTES + _AROUND_BYTES:
        form = BugReportForm(None, asks_for_email=not request.user.is_authenticated)
        words = gettext("The files have %(size)s MB together; %(most)s MB are the most.")
        most = attachments.TOTAL_MAX_BYTES // 1_000_000
        return _page(request, form, words % {"size": f"{length / 1_000_000:.1f}", "most": most}, 413)
    return _of_visitor(request)


@csrf_protect
def _of_visitor(request: HttpRequest) -> HttpResponseBase:
    is_known = request.user.is_authenticated
    if request.method != "POST":
        page = {"page": request.GET.get("page", "")}
        return _page(request, BugReportForm(None, initial=page, asks_for_email=not is_known))
    form = BugReportForm(request.POST, asks_for_email=not is_known)
    if not form.is_valid():
        return _page(request, form, status=422)
    if not ratelimit.consume(request, action="bug_report"):
        words = gettext("That were many reports at once. Wait a minute, then send it again.")
        return _page(request, form, words, 429)
    try:
        files = _files(request)
    except AttachmentRefused as error:
        return _page(request, form, str(error), 422)
    _keep(request, form, files)
    messages.success(request, gettext("Thank you. We have your report and answer by mail."))
    return redirect("bug_report")


def _keep(request: HttpRequest, form: BugReportForm, files: list[Attachment]) -> None:
    report = form.save(commit=False)
    report.author = request.user if isinstance(request.user, User) else None
    report.email = form.cleaned_data.get("email", "")
    report.browser = request.headers.get("User-Agent", "")[:300]
    bug_reports.keep(report, files)


def _files(request: HttpRequest) -> list[Attachment]:
    """Return what came with the form. Raises: AttachmentRefused."""
    found = request.FILES.getlist("files")
    if len(found) > attachments.FILES_MAX:
        words = gettext("%(count)s files were chosen; %(most)s are the most.")
        raise AttachmentRefused(words % {"count": len(found), "most": attachments.FILES_MAX})
    for file in found:
        if (file.size or 0) > attachments.VIDEO_MAX_BYTES:
            raise AttachmentRefused(attachments.too_large(file.name or "", file.size or 0, attachments.VIDEO_MAX_BYTES))
    return [attachments.read(file.name or "", file.read()) for file in found]


def _page(request: HttpRequest, form: BugReportForm, files_error: str = "", status: int = 200) -> HttpResponseBase:
    bounds = {
        "files": attachments.FILES_MAX,
        "picture_mb": settings.INPUT_IMAGE_MAX_BYTES // 1_000_000,
        "text_mb": attachments.TEXT_MAX_BYTES // 1_000_000,
        "video_mb": attachments.VIDEO_MAX_BYTES // 1_000_000,
        "accepted": attachments.ACCEPTED,
    }
    context = {"form": form, "files_error": files_error, "bounds": bounds, "discord_url": settings.DISCORD_URL}
    context["support_email"] = settings.SUPPORT_EMAIL
    return render(request, "getimg_site/bug_report.html", context, status=status)
