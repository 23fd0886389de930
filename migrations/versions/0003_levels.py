"""levels of signatures: what a document has, and when it is to be raised

Revision: 0003
After: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('df_document') as batch_op:
        batch_op.add_column(sa.Column('signature_level', sa.String(length=12), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('raise_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('level_problem', sa.JSON(), nullable=True))
        batch_op.create_index('ix_df_document_raise', ['raise_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('df_document') as batch_op:
        batch_op.drop_index('ix_df_document_raise')
        batch_op.drop_column('level_problem')
        batch_op.drop_column('raise_at')
        batch_op.drop_column('signature_level')
