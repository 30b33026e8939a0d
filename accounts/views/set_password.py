"""A first password, for who came by another site or a passkey: behind the same question as every other change.

allauth asks nothing there, so whoever held a session could have given the account a password of their own.
"""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.contrib.auth.decorators import login_required

set_password = login_required(reauthentication_required(password_set))
