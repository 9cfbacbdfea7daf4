SELECT id, rollback, opened_at, due_on FROM gouvernance.post_mortems_owed() ORDER BY id
