"""The tables. Do: invariants as constraints. Do not: behaviour, permission, or a commit."""

from docflow.models.archive import StoredObject
from docflow.models.cards import CardEntry, Delivery, Invitation
from docflow.models.documents import (
    Attachment,
    Document,
    HistoryEntry,
    Relation,
    Revision,
    SearchEntry,
)
from docflow.models.groups import Group, IssueRow, IssueRun
from docflow.models.journals import CaseFile, JournalYear, RegisteredNumber
from docflow.models.people import (
    Account,
    AccountRole,
    Membership,
    Organisation,
    Person,
    Position,
    Substitution,
    Unit,
)
from docflow.models.signatures import Signature, SigningSession
from docflow.models.web import SavedView, Throttle

__all__ = [
    "Account",
    "AccountRole",
    "Attachment",
    "CardEntry",
    "CaseFile",
    "Delivery",
    "Document",
    "Group",
    "HistoryEntry",
    "Invitation",
    "IssueRow",
    "IssueRun",
    "JournalYear",
    "Membership",
    "Organisation",
    "Person",
    "Position",
    "RegisteredNumber",
    "Relation",
    "Revision",
    "SavedView",
    "SearchEntry",
    "Signature",
    "SigningSession",
    "StoredObject",
    "Substitution",
    "Throttle",
    "Unit",
]
