-- The earliest due, those that are closed last.
SELECT id FROM found ORDER BY due_at ASC NULLS LAST, id
