SELECT pg_temp.expect(format('droits sur gouvernance.%s', signature), grantees,
    pg_temp.executors('gouvernance.' || signature))
FROM (VALUES
    ('reads_profiles()', '{}'),
    ('profile_names(uuid[])', ARRAY['authenticated', 'service_role']),
    ('ambiguous_profiles()', ARRAY['authenticated', 'service_role'])
) AS f (signature, grantees);
