"""attestation: rounds, cards, deliveries, invitations

Revision: 0002
After: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('df_organisation') as batch_op:
        batch_op.add_column(sa.Column('settings_log', sa.JSON(), nullable=False, server_default='[]'))
    with op.batch_alter_table('df_group') as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=20), nullable=False, server_default='course'))
        batch_op.drop_constraint(op.f('ck_df_group_has_hours'), type_='check')
        batch_op.create_check_constraint(op.f('ck_df_group_has_hours'), "hours > 0 OR kind <> 'course'")
    with op.batch_alter_table('df_document') as batch_op:
        batch_op.add_column(sa.Column('assignee_id', sa.Integer(), nullable=True))
        batch_op.alter_column('returned_comment', new_column_name='comment')
        batch_op.create_foreign_key(op.f('fk_df_document_assignee_id'), 'df_person', ['assignee_id'], ['id'])
        batch_op.create_index('ix_df_document_assignee', ['assignee_id', 'state'], unique=False)
    op.create_table('df_card_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('document_id', sa.Integer(), nullable=True),
    sa.Column('basis', sa.String(length=300), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_by_id', sa.Integer(), nullable=True),
    sa.Column('removed_because', sa.String(length=300), nullable=False),
    sa.CheckConstraint("document_id IS NOT NULL OR basis <> ''", name=op.f('ck_df_card_entry_rests_on_something')),
    sa.ForeignKeyConstraint(['created_by_id'], ['df_account.id'], name=op.f('fk_df_card_entry_created_by_id')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_card_entry_document_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_card_entry_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_card_entry_person_id')),
    sa.ForeignKeyConstraint(['removed_by_id'], ['df_account.id'], name=op.f('fk_df_card_entry_removed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_card_entry'))
    )
    with op.batch_alter_table('df_card_entry') as batch_op:
        batch_op.create_index('ix_df_card_entry_document', ['document_id'], unique=False)
        batch_op.create_index('ix_df_card_entry_ending', ['kind', 'ends_on'], unique=False)
        batch_op.create_index('ix_df_card_entry_person', ['person_id', 'kind'], unique=False)

    op.create_table('df_delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=True),
    sa.Column('address', sa.String(length=255), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=500), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name=op.f('ck_df_delivery_known_state')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_delivery_document_id')),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_delivery_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_delivery')),
    sa.UniqueConstraint('key', name=op.f('uq_df_delivery_key'))
    )
    with op.batch_alter_table('df_delivery') as batch_op:
        batch_op.create_index('ix_df_delivery_document', ['document_id'], unique=False)
        batch_op.create_index('ix_df_delivery_person', ['person_id'], unique=False)

    op.create_table('df_invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=255), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by_id'], ['df_account.id'], name=op.f('fk_df_invitation_created_by_id')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_invitation_document_id')),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_invitation_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_invitation')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_df_invitation_token_sha256'))
    )
    with op.batch_alter_table('df_invitation') as batch_op:
        batch_op.create_index('ix_df_invitation_document', ['document_id'], unique=False)


def downgrade() -> None:
    op.drop_table('df_invitation')
    op.drop_table('df_delivery')
    op.drop_table('df_card_entry')
    with op.batch_alter_table('df_document') as batch_op:
        batch_op.drop_index('ix_df_document_assignee')
        batch_op.drop_constraint(op.f('fk_df_document_assignee_id'), type_='foreignkey')
        batch_op.drop_column('assignee_id')
        batch_op.alter_column('comment', new_column_name='returned_comment')
    with op.batch_alter_table('df_group') as batch_op:
        batch_op.drop_constraint(op.f('ck_df_group_has_hours'), type_='check')
        batch_op.drop_column('kind')
        batch_op.create_check_constraint(op.f('ck_df_group_has_hours'), 'hours > 0')
    with op.batch_alter_table('df_organisation') as batch_op:
        batch_op.drop_column('settings_log')
