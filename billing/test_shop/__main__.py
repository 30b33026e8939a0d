"""`python -m billing.test_shop --file shop.sqlite3`: the shop as a server of its own."""

import os
import sys

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "getimg_site.settings")
    django.setup()
    call_command("test_shop", *sys.argv[1:])
