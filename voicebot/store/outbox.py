"""The audit row and the outgoing event of a change: in the transaction of the change itself, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from voicebot.store.tables import AuditRow, OutboxRow


def announce(
    session: Session, tenant: str, *, at: datetime, actor: str, kind: str, subject: str, detail: dict[str, Any]
) -> None:
    """Write down that `actor` did `kind` (`queue.taken`) to `subject`, and have it told.

    `detail` holds no personal data.
    """
    session.add(AuditRow(tenant_id=tenant, at=at, actor=actor, action=kind, subject=subject, detail=detail))
    payload = {**detail, "actor": actor}
    session.add(OutboxRow(tenant_id=tenant, kind=kind, subject=subject, payload=payload, created_at=at))
