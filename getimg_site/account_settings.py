"""Settings of accounts (allauth) that are the same wherever the site runs; `settings.py` takes them all in."""

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "generation:create"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupExtras"
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {  # added to allauth's own
    "verify": "60/m/ip",
    "upload": "60/m/user",
    "report": "10/m/ip",
    "bug_report": "5/m/ip,20/d/ip",
}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_FORMS = {
    "add_email": "accounts.email_form.ChangeEmailForm",
    "change_password": "accounts.password_form.ChangePasswordForm",
}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_FORMS = {
    "add_webauthn": "accounts.passkey_forms.AddPasskeyForm",
    "authenticate_webauthn": "accounts.passkey_forms.AuthenticatePasskeyForm",
    "login_webauthn": "accounts.passkey_forms.LogInPasskeyForm",
    "reauthenticate_webauthn": "accounts.passkey_forms.ReauthenticatePasskeyForm",
}
MFA_ADAPTER = "generation.second_factors.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Whoever has an account here logs in to it first and connects the other there: an address alone opens nothing.
SOCIALACCOUNT_ADAPTER = "accounts.voucher_adapter.VoucherAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Of the other sites that may vouch for people: what is asked of each, and where people are led.
VOUCHER_SCOPES = {"google": ["profile", "email"], "github": ["read:user", "user:email"]}
VOUCHER_PAGES = {"google": "https://accounts.google.com", "github": "https://github.com"}
