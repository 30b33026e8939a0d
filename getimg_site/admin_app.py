"""Django's admin with a site of our own; read before any app is ready, so it imports nothing of ours."""

from django.contrib.admin.apps import AdminConfig


class StudioAdminConfig(AdminConfig):
    """Makes `admin.site` ours, for other people's admin classes, too."""

    default_site = "getimg_site.admin_site.StudioAdminSite"
