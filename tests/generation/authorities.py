"""Certificate authorities for tests: a root, one between, and a signer, with keys on the P-256 curve."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Chain:
    """Files as an operator names them in the settings."""

    certificate: Path
    private_key: Path


def make_chain(
    folder: Path,
    *,
    days: int = 365,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    of_another_key: bool = False,
    serial_number: int | None = None,
) -> Chain:
    """Write a signer's chain and its key; the signer's serial number is by chance where none is given."""
    root, between, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    middle = _issue("Between", between, "Root", root, days=730)
    leaf = _issue("Signer", own, "Between", between, days=days, purpose=purpose, serial_number=serial_number)
    chain = Chain(folder / "chain.pem", folder / "key.pem")
    pem = serialization.Encoding.PEM
    chain.certificate.write_bytes(leaf.public_bytes(pem) + middle.public_bytes(pem))
    written = between if of_another_key else own
    form = serialization.PrivateFormat.PKCS8
    chain.private_key.write_bytes(written.private_bytes(pem, form, serialization.NoEncryption()))
    return chain


def _name(common: str) -> x509.Name:
    facts = ((NameOID.ORGANIZATION_NAME, "Getimg Test"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in facts])


def _issue(
    subject: str,
    key: Key,
    issuer: str,
    by: Key,
    *,
    days: int,
    purpose: x509.ObjectIdentifier | None = None,
    serial_number: int | None = None,
) -> x509.Certificate:
    now, is_authority = datetime.now(UTC), purpose is None
    never = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usage = dict.fromkeys((*never, "encipher_only", "decipher_only"), False)
    signs = {"digital_signature": True, "key_cert_sign": is_authority, "crl_sign": is_authority}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(serial_number or x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(**signs, **usage),
            critical=True,
        )
    )
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return builder.sign(by, hashes.SHA256())
