-- What brings a native view back as it is now: its definition, and its privileges in their order.
WITH granted AS (
    SELECT acl.columns, a.privilege_type, a.is_grantable,
           CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
    FROM pg_class AS c
    CROSS JOIN LATERAL (
        SELECT '' AS columns, c.relacl AS items
        UNION ALL
        SELECT format(' (%%I)', attname), attacl FROM pg_attribute WHERE attrelid = c.oid
    ) AS acl
    CROSS JOIN LATERAL aclexplode(acl.items) AS a
    WHERE c.oid = %(view)s::regclass AND a.grantee <> c.relowner
)
SELECT format('CREATE OR REPLACE VIEW %%s %%s AS %%s', c.oid::regclass,
              'WITH (' || nullif(array_to_string(c.reloptions, ', '), '') || ')',
              pg_get_viewdef(c.oid)),
       format('REVOKE ALL ON %%s FROM %%s;', c.oid::regclass,
              concat_ws(', ', 'PUBLIC, anon, authenticated, service_role',
                        (SELECT string_agg(DISTINCT grantee, ', ') FROM granted))),
       ARRAY(
           SELECT format('GRANT %%s%%s ON %%s TO %%s%%s;', privilege_type, columns,
                         c.oid::regclass, grantee,
                         CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
           FROM granted
       )
FROM pg_class AS c WHERE c.oid = %(view)s::regclass
