"""Timestamps after RFC 3161: an authority's signed word that a checkpoint existed at an instant.

What is stamped is the whole note, byte for byte, so that ``openssl ts -verify`` checks it too.
"""

from datetime import datetime

from cryptography import x509
from rfc3161_client import (
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.base import HashAlgorithm
from rfc3161_client.tsp import TimeStampRequest

from core.errors import InvalidInput
from core.i18n import N_


def request_for(note: str) -> TimeStampRequest:
    """Return the request for a note: its SHA-256 and a nonce, nothing else of it."""
    builder = TimestampRequestBuilder().data(note.encode("utf-8"))
    return builder.hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True).build()


def read_certificates(text: str) -> list[x509.Certificate]:
    """Read the certificates of those who are trusted to certify authorities, in PEM.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    try:
        found = x509.load_pem_x509_certificates(text.encode("utf-8"))
    except ValueError as error:
        raise _no_certificate() from error
    if not any(each.issuer == each.subject for each in found):
        raise _no_certificate()
    return found


def stamped_at(
    receipt: bytes, note: str, certificates: str, *, request: TimeStampRequest | None = None
) -> datetime:
    """Return the instant that a timestamp vouches for.

    Parameters
    ----------
    receipt : bytes
        The authority's answer (TimeStampResp, DER).
    note : str
        What it should have stamped.
    certificates : str
        Trusted roots and, perhaps, certificates between them and the authority, in PEM.
    request : TimeStampRequest, optional
        What was asked: the answer must carry its nonce.

    Raises
    ------
    InvalidInput
        If the imprint is not that of the note, the signature does not fit, or the chain does not
        lead to a trusted root at that instant.
    """
    trusted = read_certificates(certificates)
    try:
        answer: TimeStampResponse = decode_timestamp_response(receipt)
        builder = VerifierBuilder.from_request(request) if request else VerifierBuilder()
        for each in trusted:
            if each.issuer == each.subject:
                builder = builder.add_root_certificate(each)
            else:
                builder = builder.add_intermediate_certificate(each)
        builder.build().verify_message(answer, note.encode("utf-8"))
        return answer.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        why = str(error).partition(" ErrorStack")[0].rstrip(".:")[:200]
        raise InvalidInput(
            N_("This timestamp does not verify: {reason}."),
            remedy=N_("Check that the root certificate is the authority's own."),
            reason=why,
        ) from error


def _no_certificate() -> InvalidInput:
    return InvalidInput(
        N_("There is no root certificate here."),
        remedy=N_("Give the timestamp authority's root certificate, in PEM."),
    )
