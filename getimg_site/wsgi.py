"""The web process's entry point (gunicorn getimg_site.wsgi)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "getimg_site.settings")

application = get_wsgi_application()
