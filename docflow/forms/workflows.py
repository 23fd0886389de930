"""The routes that artefacts take. Few, so that a clerk learns them once."""

from __future__ import annotations

from docflow.core.messages import _l
from docflow.core.permissions import Permission, Role
from docflow.core.workflow import Effect, State, Status, Transition, Workflow, workflow

_STAFF = frozenset({Role.CLERK, Role.ARCHIVIST, Role.ADMINISTRATOR, Role.INSPECTOR})
_READERS = _STAFF | {Role.OWNER, Role.SIGNER, Role.SYSTEM}
_COMMISSION = frozenset({Role.MEMBER})
_DRAFTERS = frozenset({Role.CLERK, Role.OWNER, Role.SYSTEM})
_CLERKS = frozenset({Role.CLERK, Role.SYSTEM})
_SIGNERS = frozenset({Role.SIGNER})

_DRAFT = {
    Permission.VIEW: _READERS,
    Permission.EDIT: _DRAFTERS,
    Permission.ATTACH: _DRAFTERS,
}
_TO_SIGN = {Permission.VIEW: _READERS | _COMMISSION, Permission.SIGN: _SIGNERS}
_FIXED = {Permission.VIEW: _READERS | _COMMISSION | {Role.SUBJECT}}

draft = State("draft", _l("Draft"), _DRAFT)
to_sign = State("to_sign", _l("Waits for signatures"), _TO_SIGN)
submitted = State("submitted", _l("Under consideration"), _FIXED)
accepted = State("accepted", _l("Accepted"), _FIXED, Status.IN_FORCE, is_final=True)
in_force = State("in_force", _l("In force"), _FIXED, Status.IN_FORCE)
annulled = State("annulled", _l("Annulled"), _FIXED, Status.ANNULLED, is_final=True)
refused = State("refused", _l("Refused"), _FIXED, Status.REFUSED, is_final=True)
withdrawn = State("withdrawn", _l("Withdrawn"), _FIXED, Status.REFUSED, is_final=True)

_OPEN_FOR_SIGNING = (Effect.RESERVE_NUMBER, Effect.RENDER)
_ENTER = (Effect.COMMIT_NUMBER, Effect.ENTER_FORCE)
_STOP = (Effect.CANCEL_SIGNATURES, Effect.VOID_NUMBER)

_submit = Transition(
    "submit", _l("Send for signature"), ("draft",), "to_sign", _DRAFTERS, effects=_OPEN_FOR_SIGNING
)
_return_to_draft = Transition(
    "return", _l("Return for correction"), ("to_sign",), "draft", _CLERKS | _SIGNERS,
    effects=(Effect.CANCEL_SIGNATURES,), needs_comment=True,
)
_withdraw = Transition(
    "withdraw", _l("Withdraw"), ("draft", "to_sign"), "withdrawn", _DRAFTERS, effects=_STOP,
    needs_comment=True, is_danger=True,
)
_refuse_to_sign = Transition(
    "refuse", _l("Refuse to sign"), ("to_sign",), "refused", _SIGNERS, effects=_STOP,
    needs_comment=True, is_danger=True,
)
_annul = Transition(
    "annul", _l("Annul"), ("in_force",), "annulled", frozenset({Role.CLERK}), needs_comment=True, is_danger=True
)

# Drafted, numbered, signed by all its slots, and then in force: orders, contracts, sheets,
# certificates, references.
issued: Workflow = workflow(
    "issued",
    states=(draft, to_sign, in_force, annulled, refused, withdrawn),
    transitions=(
        _submit,
        Transition("sign", _l("Signed by all"), ("to_sign",), "in_force", frozenset({Role.SYSTEM}), effects=_ENTER),
        _return_to_draft,
        _refuse_to_sign,
        _withdraw,
        _annul,
    ),
    when_signed="sign",
    signing_state="to_sign",
    refused_by_signer="refuse",
)

# Signed by the applicant, registered as incoming, then accepted, returned or refused by a clerk.
application: Workflow = workflow(
    "application",
    states=(draft, to_sign, submitted, accepted, refused, withdrawn),
    transitions=(
        _submit,
        Transition(
            "sign", _l("Signed by all"), ("to_sign",), "submitted", frozenset({Role.SYSTEM}), effects=_ENTER
        ),
        Transition("accept", _l("Accept"), ("submitted",), "accepted", frozenset({Role.CLERK, Role.SYSTEM})),
        Transition(
            "return", _l("Return for correction"), ("submitted", "to_sign"), "draft", _CLERKS | _SIGNERS,
            effects=(Effect.CANCEL_SIGNATURES,), needs_comment=True,
        ),
        Transition(
            "refuse", _l("Refuse"), ("submitted",), "refused", frozenset({Role.CLERK}), needs_comment=True,
            is_danger=True,
        ),
        _withdraw,
        Transition(
            "decline", _l("Refuse to sign"), ("to_sign",), "withdrawn", _SIGNERS, effects=_STOP,
            needs_comment=True, is_danger=True,
        ),
    ),
    when_signed="sign",
    signing_state="to_sign",
    refused_by_signer="decline",
)
