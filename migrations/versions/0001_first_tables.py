"""first tables

Revision: 0001
After: 
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('df_organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('profile', sa.String(length=32), nullable=False),
    sa.Column('bin', sa.String(length=12), nullable=False),
    sa.Column('name_kk', sa.String(length=400), nullable=False),
    sa.Column('name_ru', sa.String(length=400), nullable=False),
    sa.Column('short_kk', sa.String(length=120), nullable=False),
    sa.Column('short_ru', sa.String(length=120), nullable=False),
    sa.Column('city_kk', sa.String(length=80), nullable=False),
    sa.Column('city_ru', sa.String(length=80), nullable=False),
    sa.Column('address_kk', sa.String(length=300), nullable=False),
    sa.Column('address_ru', sa.String(length=300), nullable=False),
    sa.Column('phone', sa.String(length=60), nullable=False),
    sa.Column('email', sa.String(length=120), nullable=False),
    sa.Column('logo', sa.Text(), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_organisation')),
    sa.UniqueConstraint('code', name=op.f('uq_df_organisation_code'))
    )
    op.create_table('df_person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('surname', sa.String(length=120), nullable=False),
    sa.Column('given_name', sa.String(length=120), nullable=False),
    sa.Column('patronymic', sa.String(length=120), nullable=False),
    sa.Column('iin', sa.String(length=12), nullable=True),
    sa.Column('iin_override', sa.String(length=300), nullable=False),
    sa.Column('email', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=60), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_person')),
    sa.UniqueConstraint('iin', name=op.f('uq_df_person_iin'))
    )
    with op.batch_alter_table('df_person', schema=None) as batch_op:
        batch_op.create_index('ix_df_person_surname', ['surname'], unique=False)

    op.create_table('df_role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('description', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_role')),
    sa.UniqueConstraint('name', name=op.f('uq_df_role_name'))
    )
    op.create_table('df_throttle',
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('window', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_df_throttle'))
    )
    op.create_table('df_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('password', sa.String(length=255), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('fs_uniquifier', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('current_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_login_ip', sa.String(length=64), nullable=True),
    sa.Column('current_login_ip', sa.String(length=64), nullable=True),
    sa.Column('login_count', sa.Integer(), nullable=True),
    sa.Column('tf_primary_method', sa.String(length=64), nullable=True),
    sa.Column('tf_totp_secret', sa.String(length=255), nullable=True),
    sa.Column('tf_phone_number', sa.String(length=128), nullable=True),
    sa.Column('mf_recovery_codes', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_account_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_account_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_account')),
    sa.UniqueConstraint('email', name=op.f('uq_df_account_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_df_account_fs_uniquifier'))
    )
    op.create_table('df_case_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('index', sa.String(length=40), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('title_kk', sa.String(length=300), nullable=False),
    sa.Column('title_ru', sa.String(length=300), nullable=False),
    sa.Column('types', sa.String(length=500), nullable=False),
    sa.Column('retention_years', sa.Integer(), nullable=True),
    sa.Column('retention_basis', sa.String(length=300), nullable=False),
    sa.Column('is_closed', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_case_file_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_case_file')),
    sa.UniqueConstraint('organisation_id', 'index', 'year', name=op.f('uq_df_case_file_organisation_id_index_year'))
    )
    op.create_table('df_signing_session',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('provider', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('challenge', sa.JSON(), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('results', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_signing_session_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_signing_session'))
    )
    op.create_table('df_unit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name_kk', sa.String(length=300), nullable=False),
    sa.Column('name_ru', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_unit_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_unit')),
    sa.UniqueConstraint('organisation_id', 'code', name=op.f('uq_df_unit_organisation_id_code'))
    )
    op.create_table('df_account_role',
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['df_account.id'], name=op.f('fk_df_account_role_account_id')),
    sa.ForeignKeyConstraint(['role_id'], ['df_role.id'], name=op.f('fk_df_account_role_role_id')),
    sa.PrimaryKeyConstraint('account_id', 'role_id', name=op.f('pk_df_account_role'))
    )
    op.create_table('df_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('topic_kk', sa.String(length=400), nullable=False),
    sa.Column('topic_ru', sa.String(length=400), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=False),
    sa.Column('study_language', sa.String(length=5), nullable=False),
    sa.Column('format', sa.String(length=20), nullable=False),
    sa.Column('funding', sa.String(length=20), nullable=False),
    sa.Column('programme_kind', sa.String(length=20), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('max_score', sa.Integer(), nullable=False),
    sa.Column('price', sa.Integer(), nullable=False),
    sa.Column('modules', sa.JSON(), nullable=False),
    sa.Column('responsible', sa.JSON(), nullable=False),
    sa.Column('trainer_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_closed', sa.Boolean(), nullable=False),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_df_group_dates_in_order')),
    sa.CheckConstraint('hours > 0', name=op.f('ck_df_group_has_hours')),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_group_organisation_id')),
    sa.ForeignKeyConstraint(['trainer_id'], ['df_person.id'], name=op.f('fk_df_group_trainer_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['df_unit.id'], name=op.f('fk_df_group_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_group')),
    sa.UniqueConstraint('organisation_id', 'code', name=op.f('uq_df_group_organisation_id_code'))
    )
    op.create_table('df_journal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['df_unit.id'], name=op.f('fk_df_journal_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_journal')),
    sa.UniqueConstraint('name', 'unit_id', 'year', name=op.f('uq_df_journal_name_unit_id_year'))
    )
    op.create_table('df_membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['df_account.id'], name=op.f('fk_df_membership_account_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['df_unit.id'], name=op.f('fk_df_membership_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_membership')),
    sa.UniqueConstraint('account_id', 'unit_id', name=op.f('uq_df_membership_account_id_unit_id'))
    )
    op.create_table('df_position',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('title_kk', sa.String(length=200), nullable=False),
    sa.Column('title_ru', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('basis', sa.String(length=300), nullable=False),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_df_position_dates_in_order')),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_position_organisation_id')),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_position_person_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['df_unit.id'], name=op.f('fk_df_position_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_position'))
    )
    with op.batch_alter_table('df_position', schema=None) as batch_op:
        batch_op.create_index('ix_df_position_kind', ['organisation_id', 'kind'], unique=False)

    op.create_table('df_saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('query', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['df_account.id'], name=op.f('fk_df_saved_view_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_saved_view')),
    sa.UniqueConstraint('account_id', 'name', name=op.f('uq_df_saved_view_account_id_name'))
    )
    op.create_table('df_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=60), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.Column('case_file_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('number', sa.String(length=80), nullable=True),
    sa.Column('registered_on', sa.Date(), nullable=True),
    sa.Column('title', sa.String(length=500), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('subject_name', sa.String(length=360), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('returned_comment', sa.Text(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paper_sha256', sa.String(length=64), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('history_head', sa.String(length=64), nullable=False),
    sa.Column('history_length', sa.Integer(), nullable=False),
    sa.CheckConstraint('(number IS NULL) = (registered_on IS NULL)', name=op.f('ck_df_document_number_with_date')),
    sa.CheckConstraint('valid_until IS NULL OR valid_from IS NOT NULL', name=op.f('ck_df_document_validity_has_a_start')),
    sa.ForeignKeyConstraint(['case_file_id'], ['df_case_file.id'], name=op.f('fk_df_document_case_file_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['df_account.id'], name=op.f('fk_df_document_created_by_id')),
    sa.ForeignKeyConstraint(['group_id'], ['df_group.id'], name=op.f('fk_df_document_group_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_document_organisation_id')),
    sa.ForeignKeyConstraint(['subject_id'], ['df_person.id'], name=op.f('fk_df_document_subject_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['df_unit.id'], name=op.f('fk_df_document_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_document')),
    sa.UniqueConstraint('code', name=op.f('uq_df_document_code')),
    sa.UniqueConstraint('organisation_id', 'type', 'number', name='uq_df_document_number')
    )
    with op.batch_alter_table('df_document', schema=None) as batch_op:
        batch_op.create_index('ix_df_document_group', ['group_id', 'type', 'state'], unique=False)
        batch_op.create_index('ix_df_document_list', ['organisation_id', 'type', 'state', 'id'], unique=False)
        batch_op.create_index('ix_df_document_owner', ['created_by_id', 'state'], unique=False)
        batch_op.create_index('ix_df_document_recent', ['organisation_id', 'id'], unique=False)
        batch_op.create_index('ix_df_document_registered', ['organisation_id', 'registered_on'], unique=False)
        batch_op.create_index('ix_df_document_state', ['organisation_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_df_document_subject', ['subject_id'], unique=False)

    op.create_table('df_substitution',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('position_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('basis', sa.String(length=300), nullable=False),
    sa.CheckConstraint("basis <> ''", name=op.f('ck_df_substitution_has_a_basis')),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_df_substitution_dates_in_order')),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_substitution_person_id')),
    sa.ForeignKeyConstraint(['position_id'], ['df_position.id'], name=op.f('fk_df_substitution_position_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_substitution'))
    )
    op.create_table('df_attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('added_by_id', sa.Integer(), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('size > 0', name=op.f('ck_df_attachment_not_empty')),
    sa.ForeignKeyConstraint(['added_by_id'], ['df_account.id'], name=op.f('fk_df_attachment_added_by_id')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_attachment_document_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_attachment'))
    )
    op.create_table('df_history',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=360), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('previous_sha256', sa.String(length=64), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['df_account.id'], name=op.f('fk_df_history_actor_id')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_history_document_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_history')),
    sa.UniqueConstraint('document_id', 'sequence', name=op.f('uq_df_history_document_id_sequence'))
    )
    op.create_table('df_issue_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('types', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['df_account.id'], name=op.f('fk_df_issue_run_account_id')),
    sa.ForeignKeyConstraint(['source_id'], ['df_document.id'], name=op.f('fk_df_issue_run_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_issue_run'))
    )
    with op.batch_alter_table('df_issue_run', schema=None) as batch_op:
        batch_op.create_index('ix_df_issue_run_source', ['source_id'], unique=False)

    op.create_table('df_number',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('journal_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('void_reason', sa.String(length=500), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('reserved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'void') = (void_reason <> '')", name=op.f('ck_df_number_void_with_a_reason')),
    sa.CheckConstraint("state IN ('reserved', 'committed', 'void')", name=op.f('ck_df_number_known_state')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_number_document_id')),
    sa.ForeignKeyConstraint(['journal_id'], ['df_journal.id'], name=op.f('fk_df_number_journal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_number')),
    sa.UniqueConstraint('document_id', name=op.f('uq_df_number_document_id')),
    sa.UniqueConstraint('journal_id', 'sequence', name=op.f('uq_df_number_journal_id_sequence'))
    )
    op.create_table('df_object',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=True),
    sa.Column('stored_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_object_document_id')),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_df_object'))
    )
    with op.batch_alter_table('df_object', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_df_object_document_id'), ['document_id'], unique=False)

    op.create_table('df_relation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('row', sa.Integer(), nullable=True),
    sa.Column('key', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['df_document.id'], name=op.f('fk_df_relation_source_id')),
    sa.ForeignKeyConstraint(['target_id'], ['df_document.id'], name=op.f('fk_df_relation_target_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_relation')),
    sa.UniqueConstraint('source_id', 'target_id', 'kind', name=op.f('uq_df_relation_source_id_target_id_kind')),
    sa.UniqueConstraint('target_id', 'key', name='uq_df_relation_derived_once')
    )
    with op.batch_alter_table('df_relation', schema=None) as batch_op:
        batch_op.create_index('ix_df_relation_target', ['target_id', 'kind'], unique=False)

    op.create_table('df_revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['df_account.id'], name=op.f('fk_df_revision_author_id')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_revision_document_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_revision')),
    sa.UniqueConstraint('document_id', 'sequence', name=op.f('uq_df_revision_document_id_sequence'))
    )
    op.create_table('df_search_entry',
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('norm', sa.Text(), nullable=False),
    sa.Column('iin_digest', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_search_entry_document_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['df_organisation.id'], name=op.f('fk_df_search_entry_organisation_id')),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_df_search_entry'))
    )
    with op.batch_alter_table('df_search_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_df_search_entry_iin_digest'), ['iin_digest'], unique=False)

    op.create_table('df_issue_row',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=60), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=360), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=True),
    sa.Column('refusals', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_issue_row_document_id')),
    sa.ForeignKeyConstraint(['run_id'], ['df_issue_run.id'], name=op.f('fk_df_issue_row_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_issue_row')),
    sa.UniqueConstraint('run_id', 'type', 'row', name=op.f('uq_df_issue_row_run_id_type_row'))
    )
    op.create_table('df_signature',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('slot', sa.String(length=40), nullable=False),
    sa.Column('order', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('signer_name', sa.String(length=360), nullable=False),
    sa.Column('capacity', sa.String(length=40), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('position', sa.String(length=300), nullable=False),
    sa.Column('is_acting', sa.Boolean(), nullable=False),
    sa.Column('basis', sa.String(length=300), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('certificate', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name=op.f('ck_df_signature_signed_with_a_time')),
    sa.CheckConstraint("state IN ('awaited', 'signed', 'refused', 'cancelled')", name=op.f('ck_df_signature_known_state')),
    sa.ForeignKeyConstraint(['document_id'], ['df_document.id'], name=op.f('fk_df_signature_document_id')),
    sa.ForeignKeyConstraint(['person_id'], ['df_person.id'], name=op.f('fk_df_signature_person_id')),
    sa.ForeignKeyConstraint(['revision_id'], ['df_revision.id'], name=op.f('fk_df_signature_revision_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_df_signature')),
    sa.UniqueConstraint('revision_id', 'slot', name=op.f('uq_df_signature_revision_id_slot'))
    )
    with op.batch_alter_table('df_signature', schema=None) as batch_op:
        batch_op.create_index('ix_df_signature_document', ['document_id'], unique=False)
        batch_op.create_index('ix_df_signature_queue', ['person_id', 'state', 'document_id'], unique=False)

    _make_trigram_index()


def _make_trigram_index() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE df_search_trigram USING fts5(norm, tokenize='trigram')")
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE INDEX ix_df_search_entry_norm ON df_search_entry USING gin (norm gin_trgm_ops)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE df_search_trigram")
    with op.batch_alter_table('df_signature', schema=None) as batch_op:
        batch_op.drop_index('ix_df_signature_queue')
        batch_op.drop_index('ix_df_signature_document')

    op.drop_table('df_signature')
    op.drop_table('df_issue_row')
    with op.batch_alter_table('df_search_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_df_search_entry_iin_digest'))

    op.drop_table('df_search_entry')
    op.drop_table('df_revision')
    with op.batch_alter_table('df_relation', schema=None) as batch_op:
        batch_op.drop_index('ix_df_relation_target')

    op.drop_table('df_relation')
    with op.batch_alter_table('df_object', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_df_object_document_id'))

    op.drop_table('df_object')
    op.drop_table('df_number')
    with op.batch_alter_table('df_issue_run', schema=None) as batch_op:
        batch_op.drop_index('ix_df_issue_run_source')

    op.drop_table('df_issue_run')
    op.drop_table('df_history')
    op.drop_table('df_attachment')
    op.drop_table('df_substitution')
    with op.batch_alter_table('df_document', schema=None) as batch_op:
        batch_op.drop_index('ix_df_document_subject')
        batch_op.drop_index('ix_df_document_state')
        batch_op.drop_index('ix_df_document_registered')
        batch_op.drop_index('ix_df_document_recent')
        batch_op.drop_index('ix_df_document_owner')
        batch_op.drop_index('ix_df_document_list')
        batch_op.drop_index('ix_df_document_group')

    op.drop_table('df_document')
    op.drop_table('df_saved_view')
    with op.batch_alter_table('df_position', schema=None) as batch_op:
        batch_op.drop_index('ix_df_position_kind')

    op.drop_table('df_position')
    op.drop_table('df_membership')
    op.drop_table('df_journal')
    op.drop_table('df_group')
    op.drop_table('df_account_role')
    op.drop_table('df_unit')
    op.drop_table('df_signing_session')
    op.drop_table('df_case_file')
    op.drop_table('df_account')
    op.drop_table('df_throttle')
    op.drop_table('df_role')
    with op.batch_alter_table('df_person', schema=None) as batch_op:
        batch_op.drop_index('ix_df_person_surname')

    op.drop_table('df_person')
    op.drop_table('df_organisation')
